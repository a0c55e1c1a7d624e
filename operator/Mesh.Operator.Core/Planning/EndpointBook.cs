using System.Collections.Frozen;
using System.Collections.Immutable;
using Mesh.Config;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>The members of every Service, as sections; those of a Service are made anew only if something they are made of changed.</summary>
internal sealed class EndpointBook
{
    // Services of several namespaces may claim one host.
    private readonly FrozenDictionary<(string Host, string Namespace), Entry> entries;

    private readonly Lazy<ILookup<RuleKey, string>> contributions;

    private EndpointBook(FrozenDictionary<(string Host, string Namespace), Entry> entries)
    {
        this.entries = entries;
        contributions = new Lazy<ILookup<RuleKey, string>>(() => entries.Values
            .SelectMany(entry => entry.Service.Entries.Items.Concat(entry.Selected).Select(rule => (rule, entry.Section.Name)))
            .ToLookup(pair => pair.rule, pair => pair.Name));
    }

    public IEnumerable<Section> Sections => entries.Values.Select(entry => entry.Section);

    public static EndpointBook Of(MeshSnapshot snapshot, ServiceDirectory directory, ImmutableSortedSet<string> labelKeys, PeerBook peers, EndpointBook? before, SectionPool pool)
    {
        var translator = new EndpointTranslator(snapshot, labelKeys, peers);
        var slices = snapshot.Slices.Values.ToLookup(slice => slice.Service);
        var selected = new SelectedMembers(snapshot);
        var entries = new Dictionary<(string, string), Entry>();
        foreach (var service in directory.All)
        {
            var own = !service.IsOfEntry ? slices[service.Key].ToImmutableArray() : [];
            var members = selected.Of(service);
            var inputs = Inputs(snapshot, service, own, members, labelKeys, peers);
            if (before?.entries.GetValueOrDefault(KeyOf(service)) is { } entry && SameReferences(entry.Inputs, inputs)) entries.Add(KeyOf(service), entry);
            else entries.Add(KeyOf(service), Made(service, translator.Translate(service, own, members), members, NamesOf(service, own), inputs, pool));
        }

        return new EndpointBook(entries.ToFrozenDictionary());
    }

    public EndpointSet this[Service service] => entries[KeyOf(service)].Set;

    public Section SectionOf(Service service) => entries[KeyOf(service)].Section;

    /// <summary>Names of the sections that hold members a ServiceEntry or WorkloadEntry brought.</summary>
    public IEnumerable<string> SectionsOf(RuleKey rule) => contributions.Value[rule];

    /// <summary>Services that a WorkloadEntry is a member of.</summary>
    public IEnumerable<Service> ServicesOf(RuleKey workloadEntry) => entries.Values.Where(entry => entry.Selected.Contains(workloadEntry)).Select(entry => entry.Service);

    private static (string, string) KeyOf(Service service) => (service.Host, service.Key.Namespace);

    /// <summary>Addresses of a headless Service's members with their own names, ordered.</summary>
    public ImmutableArray<MemberName> Names(Service service) => entries[KeyOf(service)].Names;

    /// <summary>Addresses behind a port, in order, each once.</summary>
    public ImmutableArray<string> Addresses(Service service, int port) =>
    [
        .. this[service].Groups.Where(group => group.Port == port).SelectMany(group => group.Endpoints)
            .Select(endpoint => endpoint.Address).Distinct().Order(StringComparer.Ordinal),
    ];

    private static Entry Made(Service service, EndpointSet set, SelectedMembers.Found members, ImmutableArray<MemberName> names, ImmutableArray<object?> inputs, SectionPool pool) =>
        new(service, set, pool.Intern(Section.Of(set)), [.. members.Entries.Select(entry => entry.Key)], names, inputs);

    private static ImmutableArray<MemberName> NamesOf(Service service, ImmutableArray<Slice> slices) => service.Kind != ServiceKind.Headless ? [] :
    [
        .. slices.SelectMany(slice => slice.Endpoints.Items).Where(endpoint => EndpointTranslator.TakesTraffic(service, endpoint))
            .Select(endpoint => new MemberName(endpoint.Address, endpoint.Hostname.ToLowerInvariant())).Distinct()
            .OrderBy(name => name.Address, StringComparer.Ordinal).ThenBy(name => name.Hostname, StringComparer.Ordinal),
    ];

    private static ImmutableArray<object?> Inputs(MeshSnapshot snapshot, Service service, ImmutableArray<Slice> slices, SelectedMembers.Found members, ImmutableSortedSet<string> labelKeys, PeerBook peers)
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
                inputs.Add(workload is not null && snapshot.HasIdentity(workload) ? peers.For(workload).Policy : null);
                inputs.Add(endpoint.NodeName.Length == 0 ? null : snapshot.Nodes.GetValueOrDefault(endpoint.NodeName));
            }
        }

        foreach (var entry in members.Entries) inputs.Add(entry);
        foreach (var pod in members.Pods)
        {
            inputs.Add(pod);
            inputs.Add(snapshot.HasIdentity(pod) ? peers.For(pod).Policy : null);
            inputs.Add(pod.NodeName.Length == 0 ? null : snapshot.Nodes.GetValueOrDefault(pod.NodeName));
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

    private sealed record Entry(Service Service, EndpointSet Set, Section Section, ImmutableArray<RuleKey> Selected, ImmutableArray<MemberName> Names, ImmutableArray<object?> Inputs);
}
