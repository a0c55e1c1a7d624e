using System.Collections.Immutable;
using Mesh.Config;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>EndpointSlices of one Service, and whom it selects or names beside them -> the members behind each of its ports.</summary>
internal sealed class EndpointTranslator(MeshSnapshot snapshot, ImmutableSortedSet<string> labelKeys, PeerBook peers)
{
    public EndpointSet Translate(Service service, ImmutableArray<Slice> slices, SelectedMembers.Found selected)
    {
        var written = new EntryMembers(snapshot, labelKeys, peers, service, selected);
        var family = OfOneFamily(service, slices);
        return new EndpointSet
        {
            Host = service.Host,
            Groups =
            [
                .. service.Ports.OrderBy(port => port.Port).Select(port => new EndpointGroup
                {
                    Host = service.Host,
                    Port = port.Port,
                    Endpoints = Members(service, port, family, written),
                }),
            ],
        };
    }

    // A dual-stack pod stands in a slice of each family; counted twice it would draw a double share.
    private static ImmutableArray<Slice> OfOneFamily(Service service, ImmutableArray<Slice> slices)
    {
        var preferred = slices.Where(slice => slice.IsIPv6 == service.PrefersIPv6).ToImmutableArray();
        return preferred.Any(slice => slice.Endpoints.Count > 0) ? preferred : slices;
    }

    private ImmutableArray<Endpoint> Members(Service service, ServicePort port, ImmutableArray<Slice> slices, EntryMembers written)
    {
        var members = new SortedDictionary<(string Address, int Port), Endpoint>(ByAddress);
        foreach (var slice in slices)
        {
            foreach (var slicePort in slice.Ports)
            {
                if (slicePort.Name != port.Name) continue;
                foreach (var endpoint in slice.Endpoints)
                    if (TakesTraffic(service, endpoint))
                        members.TryAdd((endpoint.Address, slicePort.Port), Member(service, slicePort.Port, endpoint));
            }
        }

        foreach (var member in written.Of(port)) members.TryAdd((member.Address, member.Port), member);
        return [.. members.Values];
    }

    // One that is about to go gets nothing new, whatever a Service publishes.
    public static bool TakesTraffic(Service service, SliceEndpoint endpoint) =>
        !endpoint.Terminating && (endpoint.Ready || service.PublishNotReadyAddresses);

    private Endpoint Member(Service service, int port, SliceEndpoint endpoint)
    {
        var workload = endpoint.Pod.Length == 0 ? null : snapshot.Workloads.GetValueOrDefault(new ObjectKey(service.Key.Namespace, endpoint.Pod));
        var hasIdentity = workload is not null && snapshot.HasIdentity(workload);
        var node = endpoint.NodeName.Length == 0 ? null : snapshot.Nodes.GetValueOrDefault(endpoint.NodeName);
        var locality = Locality.Of(workload, node, endpoint.Zone);
        return new Endpoint
        {
            Address = endpoint.Address,
            Port = port,
            Pod = endpoint.Pod,
            Workload = workload?.WorkloadName ?? "",
            Namespace = service.Key.Namespace,
            ServiceAccount = hasIdentity ? workload!.ServiceAccount : "",
            MutualTls = hasIdentity && workload!.Capture.Captures(port) && peers.For(workload).Policy.ModeOf(port) != MutualTlsMode.Disable,
            Region = locality.Region,
            Zone = locality.Zone,
            SubZone = locality.SubZone,
            Labels = workload is null ? ImmutableSortedDictionary<string, string>.Empty : LabelChoice.Of(workload.Labels, locality, endpoint.NodeName, labelKeys),
        };
    }

    private static readonly Comparer<(string Address, int Port)> ByAddress = Comparer<(string Address, int Port)>.Create((a, b) =>
    {
        var byAddress = string.CompareOrdinal(a.Address, b.Address);
        return byAddress != 0 ? byAddress : a.Port.CompareTo(b.Port);
    });
}
