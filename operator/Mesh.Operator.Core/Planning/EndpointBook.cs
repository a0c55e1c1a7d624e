using System.Collections.Frozen;
using System.Collections.Immutable;
using Mesh.Config;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>The members of every Service, as sections; those of a Service are made anew only if something they are made of changed.</summary>
internal sealed class EndpointBook
{
    private readonly FrozenDictionary<string, Entry> byHost;

    private EndpointBook(FrozenDictionary<string, Entry> byHost) => this.byHost = byHost;

    public IEnumerable<Section> Sections => byHost.Values.Select(entry => entry.Section);

    public static EndpointBook Of(MeshSnapshot snapshot, ServiceDirectory directory, ImmutableSortedSet<string> labelKeys, PeerBook peers, EndpointBook? before, SectionPool pool)
    {
        var translator = new EndpointTranslator(snapshot, labelKeys, peers);
        var slices = snapshot.Slices.Values.ToLookup(slice => slice.Service);
        var entries = new Dictionary<string, Entry>(StringComparer.Ordinal);
        foreach (var service in directory.All)
        {
            var own = slices[service.Key].ToImmutableArray();
            var inputs = Inputs(snapshot, service, own, labelKeys, peers);
            if (before?.byHost.GetValueOrDefault(service.Host) is { } entry && SameReferences(entry.Inputs, inputs)) entries.Add(service.Host, entry);
            else entries.Add(service.Host, Made(translator.Translate(service, own), inputs, pool));
        }

        return new EndpointBook(entries.ToFrozenDictionary(StringComparer.Ordinal));
    }

    public EndpointSet this[Service service] => byHost[service.Host].Set;

    public Section SectionOf(Service service) => byHost[service.Host].Section;

    /// <summary>Addresses behind a port, in order, each once.</summary>
    public ImmutableArray<string> Addresses(Service service, int port) =>
    [
        .. this[service].Groups.Where(group => group.Port == port).SelectMany(group => group.Endpoints)
            .Select(endpoint => endpoint.Address).Distinct().Order(StringComparer.Ordinal),
    ];

    private static Entry Made(EndpointSet set, ImmutableArray<object?> inputs, SectionPool pool) => new(set, pool.Intern(Section.Of(set)), inputs);

    private static ImmutableArray<object?> Inputs(MeshSnapshot snapshot, Service service, ImmutableArray<Slice> slices, ImmutableSortedSet<string> labelKeys, PeerBook peers)
    {
        var inputs = ImmutableArray.CreateBuilder<object?>();
        inputs.Add(service);
        inputs.Add(labelKeys);
        foreach (var slice in slices)
        {
            inputs.Add(slice);
            foreach (var endpoint in slice.Endpoints)
            {
                var workload = endpoint.Pod.Length == 0 ? null : snapshot.Workloads.GetValueOrDefault(new ObjectKey(service.Key.Namespace, endpoint.Pod));
                inputs.Add(workload);
                inputs.Add(workload is { HasIdentity: true } ? peers.For(workload).Policy : null);
                inputs.Add(endpoint.NodeName.Length == 0 ? null : snapshot.Nodes.GetValueOrDefault(endpoint.NodeName));
            }
        }

        return inputs.ToImmutable();
    }

    private static bool SameReferences(ImmutableArray<object?> a, ImmutableArray<object?> b)
    {
        if (a.Length != b.Length) return false;
        for (var i = 0; i < a.Length; i++)
            if (!ReferenceEquals(a[i], b[i])) return false;
        return true;
    }

    private sealed record Entry(EndpointSet Set, Section Section, ImmutableArray<object?> Inputs);
}
