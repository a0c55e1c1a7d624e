using System.Collections.Immutable;
using System.Net;
using Mesh.Api.Validation;
using Mesh.Config;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>Members that no EndpointSlice tells of: endpoints of a ServiceEntry, WorkloadEntries, pods it selects.</summary>
internal sealed class EntryMembers(MeshSnapshot snapshot, ImmutableSortedSet<string> labelKeys, PeerBook peers, Service service, SelectedMembers.Found selected)
{
    // Where nobody wrote a weight all are equal; where some did, Istio counts the others as 1.
    private readonly ImmutableArray<EntryMember> written =
        [.. service.Members.Items, .. selected.Entries.Select(entry => ServiceEntryTranslator.Member(entry.Spec, entry.Name)).OfType<EntryMember>()];

    public IEnumerable<Endpoint> Of(ServicePort port)
    {
        foreach (var member in written)
            if (member.IsBehind(port) && IsReachable(member.Address)) yield return Member(member, port);
        foreach (var pod in selected.Pods)
            if (InboundTranslator.TargetPort(pod, port) is { } target) yield return Member(pod, target);
        if ((IsItsOwnMember(service) || service.Kind == ServiceKind.DynamicDns) && port.TargetPort != port.Port)
            yield return new Endpoint { Address = service.Host, Port = port.TargetPort, Namespace = service.Key.Namespace };
    }

    /// <summary>Nobody said who the members are: they are what its own name resolves to.</summary>
    public static bool IsItsOwnMember(Service service) =>
        service is { Kind: ServiceKind.Dns or ServiceKind.DnsRoundRobin, Members.Count: 0, Selector.IsEmpty: true } && !HostPattern.IsWildcard(service.Host);

    private bool ResolvesNames => service.Kind is ServiceKind.Dns or ServiceKind.DnsRoundRobin;

    // A name leads nowhere where names are not resolved, and a socket, which each caller has of its own, where DNS or the
    // client says who the members are.
    private bool IsReachable(string address) => UnixAddress.Is(address)
        ? service.Kind is ServiceKind.Static or ServiceKind.ClusterIP
        : ResolvesNames || IPAddress.TryParse(address, out _);

    private Endpoint Member(EntryMember member, ServicePort port) => new()
    {
        Address = member.Address,
        Port = member.PortFor(port),
        Weight = Math.Max(1, member.Weight),
        Workload = member.Name,
        Namespace = service.Key.Namespace,
        ServiceAccount = member.ServiceAccount,
        Region = member.Locality.Region,
        Zone = member.Locality.Zone,
        SubZone = member.Locality.SubZone,
        Labels = LabelChoice.Of(member.Labels, member.Locality, "", labelKeys),
    };

    private Endpoint Member(Workload pod, int target)
    {
        var locality = Locality.Of(pod, pod.NodeName.Length == 0 ? null : snapshot.Nodes.GetValueOrDefault(pod.NodeName));
        return new Endpoint
        {
            Address = pod.Addresses[0],
            Port = target,
            Pod = pod.Key.Name,
            Workload = pod.WorkloadName,
            Namespace = pod.Key.Namespace,
            ServiceAccount = snapshot.HasIdentity(pod) ? pod.ServiceAccount : "",
            MutualTls = !service.IsExternal && snapshot.HasIdentity(pod) && pod.Capture.Captures(target) && peers.For(pod).Policy.ModeOf(target) != MutualTlsMode.Disable,
            Region = locality.Region,
            Zone = locality.Zone,
            SubZone = locality.SubZone,
            Labels = LabelChoice.Of(pod.Labels, locality, pod.NodeName, labelKeys),
        };
    }
}
