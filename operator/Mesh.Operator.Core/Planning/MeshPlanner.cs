using System.Collections.Frozen;
using System.Collections.Immutable;
using Mesh.Api;
using Mesh.Config;
using Mesh.Operator.Core.Analysis;
using Mesh.Operator.Core.Credentials;
using Mesh.Operator.Core.Objects;
using Mesh.Operator.Core.Planning.Continuity;
using Mesh.Operator.Core.Planning.Features;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>
/// From a snapshot to the config of every proxy. What enters is everything known; what leaves is everything decided: once
/// for the mesh (clusters, endpoints), once for each scope (routes, listeners), and for each pod only who it is and what
/// arrives at it. The plan before is looked at only to share what did not change: the result never depends on it. What
/// never happens here: I/O, a clock, a number of a revision.
/// </summary>
public static class MeshPlanner
{
    // Telemetry asks for these of every member, subsets for their own.
    private static readonly ImmutableSortedSet<string> TelemetryLabelKeys = ImmutableSortedSet.Create(StringComparer.Ordinal, MeshLabels.App, MeshLabels.Version);

    /// <summary>What may wait for references that do not exist yet, or stay for references that still do, waits and stays no longer than this.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <param name="snapshot">Everything known.</param>
    /// <param name="previous">The plan before.</param>
    /// <param name="now">The time; without it nothing waits for anything.</param>
    public static MeshPlan Plan(MeshSnapshot snapshot, MeshPlan? previous = null, DateTimeOffset? now = null) => Plan(snapshot, previous, ClusterObjects.None, now);

    /// <summary>The plan of a cluster of these objects, analysed with all that they say.</summary>
    public static MeshPlan Plan(ClusterObjects objects)
    {
        var snapshot = objects.Snapshot();
        return Plan(snapshot with { Credentials = CredentialObjects.In(objects, snapshot) }, null, objects, null);
    }

    private static MeshPlan Plan(MeshSnapshot snapshot, MeshPlan? previous, ClusterObjects objects, DateTimeOffset? now)
    {
        if (previous is not null && ReferenceEquals(previous.Parts.Snapshot, snapshot) && !(previous.HoldsUntil <= now)) return previous;
        var pool = new SectionPool();
        if (previous is not null) pool.Seed(previous.Parts.Sections.Concat(previous.Pods.Values.SelectMany(pod => pod.OwnSections)));

        var parts = Shared(snapshot, previous?.Parts, pool, now);
        var pods = Pods(snapshot, parts, previous, pool);
        var mesh = new Inventory(parts, objects) { Pods = pods.Values };
        var analysed = Analysers.Run(mesh).ToLookup(finding => finding.Resource);
        var verdicts = VerdictPlanner.Plan(mesh, analysed);
        return new MeshPlan(parts)
        {
            Pods = pods,
            Verdicts = verdicts,
            Findings = [.. MeshFindings.Of(parts, verdicts, analysed)],
        };
    }

    private static PlanParts Shared(MeshSnapshot snapshot, PlanParts? before, SectionPool pool, DateTimeOffset? now)
    {
        var formats = before?.Formats ?? new FormatBook();
        var defaults = MeshDefaults.Of(snapshot.Settings);
        // Of all rules at once, and seldom changed: nothing made under others is taken over.
        if (before is not null && MeshDefaults.Of(before.Snapshot.Settings) != defaults) before = null;
        var sameServices = Same(before, snapshot, held => held.Services) && Same(before, snapshot, held => held.ServiceEntries) && Same(before, snapshot, held => held.EntryAddresses);
        var entries = sameServices ? before!.Entries : EntryBook.Of(snapshot, before?.Entries);
        var directory = sameServices ? before!.Directory : new ServiceDirectory(snapshot.Services.Values.Concat(entries.Services), defaults.ServiceExportTo);
        var rules = Same(before, snapshot, held => held.VirtualServices) ? before!.Rules : RuleBook.Of(snapshot.VirtualServices, before?.Rules, defaults);
        var sameCredentials = Same(before, snapshot, held => held.Credentials);
        var policies = sameCredentials && Same(before, snapshot, held => held.DestinationRules) ? before!.Policies : PolicyBook.Of(snapshot.DestinationRules, before?.Policies, defaults, snapshot.Credentials);
        var inForce = InForce(snapshot, before, directory, policies, now);
        var rulesInForce = Book(inForce.VirtualServices, snapshot.VirtualServices, rules, before?.InForce.VirtualServices, before?.RulesInForce, (held, last) => RuleBook.Of(held, last, defaults));
        var policiesInForce = Book(inForce.DestinationRules, snapshot.DestinationRules, policies, sameCredentials ? before?.InForce.DestinationRules : null, before?.PoliciesInForce, (held, last) => PolicyBook.Of(held, last, defaults, snapshot.Credentials));
        var peers = Same(before, snapshot, held => held.PeerAuthentications) ? before!.Peers : PeerBook.Of(snapshot.PeerAuthentications, before?.Peers, defaults);
        var healthChecks = Same(before, snapshot, held => held.HealthChecks) ? before!.HealthChecks : HealthBook.Of(snapshot.HealthChecks, defaults.RootNamespace, before?.HealthChecks);
        var sidecars = Same(before, snapshot, held => held.Sidecars) ? before!.Sidecars : SidecarBook.Of(snapshot.Sidecars, defaults.RootNamespace, before?.Sidecars);
        var proxyConfigs = Same(before, snapshot, held => held.ProxyConfigs) ? before!.ProxyConfigs : ProxyConfigBook.Of(snapshot.ProxyConfigs, defaults.RootNamespace, before?.ProxyConfigs);
        var compared = Held(before?.ComparedLabels, [.. policies.ComparedLabels, .. policiesInForce.ComparedLabels, .. LocalityTranslator.LabelKeys(snapshot.Settings.Locality?.Value)]);
        var keys = Held(before?.LabelKeys, TelemetryLabelKeys.Union(policies.SubsetLabelKeys).Union(policiesInForce.SubsetLabelKeys).Union(compared));
        var endpoints = EndpointBook.Of(snapshot, directory, keys, peers, before?.Endpoints, pool);

        var sameRules = before is not null && ReferenceEquals(before.Directory, directory) && ReferenceEquals(before.RulesInForce, rulesInForce)
            && ReferenceEquals(before.PoliciesInForce, policiesInForce) && ReferenceEquals(before.Sidecars, sidecars) && ReferenceEquals(before.HealthChecks, healthChecks) && SameForRoutes(before.Snapshot.Settings, snapshot.Settings);
        // A book of clusters holds what the scopes planned in it asked for; without any, the one before still holds all.
        var clusters = sameRules ? before!.Clusters : new ClusterBook(before?.Clusters, ClusterDefaults.Of(snapshot.Settings), pool);
        var planner = new ScopePlanner(directory, rulesInForce, policiesInForce, healthChecks, snapshot.Settings, endpoints, clusters, pool);
        var scopes = new Dictionary<string, ScopePlan>(StringComparer.Ordinal);
        foreach (var scope in Scopes(snapshot, rulesInForce, policiesInForce, sidecars))
        {
            var held = sameRules ? before!.Scopes.GetValueOrDefault(scope.Key) : null;
            scopes.Add(scope.Key, held is null ? planner.Plan(scope) : planner.Refresh(held));
        }

        return new PlanParts
        {
            Snapshot = snapshot,
            Entries = entries,
            Directory = directory,
            Rules = rules,
            Policies = policies,
            Sidecars = sidecars,
            HealthChecks = healthChecks,
            ProxyConfigs = proxyConfigs,
            InForce = inForce,
            RulesInForce = rulesInForce,
            PoliciesInForce = policiesInForce,
            Peers = peers,
            LabelKeys = keys,
            ComparedLabels = compared,
            Endpoints = endpoints,
            Clusters = clusters,
            Scopes = scopes.ToFrozenDictionary(StringComparer.Ordinal),
            Mesh = pool.Intern(Section.Of(Settings(snapshot.Settings))),
            Formats = formats,
        };
    }

    private static RulesInForce InForce(MeshSnapshot snapshot, PlanParts? before, ServiceDirectory directory, PolicyBook written, DateTimeOffset? now)
    {
        var asWritten = RulesInForce.Of(snapshot);
        if (before is null || now is null) return asWritten;
        var nothingMoved = before.InForce.Holds.IsEmpty && Same(before, snapshot, held => held.VirtualServices) && Same(before, snapshot, held => held.DestinationRules);
        if (nothingMoved) return before.InForce;
        return new RuleContinuity(snapshot, new ReferenceCheck(directory, written), new ReferenceCheck(directory, before.PoliciesInForce), before.InForce, now.Value, Patience).Step();
    }

    // What is in force is nearly always what is written, and then one book serves both.
    private static TBook Book<TMap, TBook>(TMap inForce, TMap written, TBook ofWritten, TMap? before, TBook? ofBefore, Func<TMap, TBook?, TBook> make)
        where TMap : class
        where TBook : class =>
        ReferenceEquals(inForce, written) ? ofWritten : ofBefore is not null && ReferenceEquals(inForce, before) ? ofBefore : make(inForce, ofBefore);

    private static ImmutableSortedSet<string> Held(ImmutableSortedSet<string>? before, ImmutableSortedSet<string> now) => before is not null && before.SetEquals(now) ? before : now;

    // What routes and clusters are made of besides rules and Services.
    private static bool SameForRoutes(MeshWideSettings a, MeshWideSettings b) =>
        a.UnknownDestinations == b.UnknownDestinations && a.DefaultRetries == b.DefaultRetries && ClusterDefaults.Of(a) == ClusterDefaults.Of(b);

    private static bool Same<T>(PlanParts? before, MeshSnapshot snapshot, Func<MeshSnapshot, T> map)
        where T : class => before is not null && ReferenceEquals(map(before.Snapshot), map(snapshot));

    private static IEnumerable<Scope> Scopes(MeshSnapshot snapshot, RuleBook rules, PolicyBook policies, SidecarBook sidecars) =>
        snapshot.Workloads.Values.Where(workload => workload.IsInMesh)
            .Select(workload => ScopeOf(workload, rules, policies, sidecars))
            .DistinctBy(scope => scope.Key);

    private static Scope ScopeOf(Workload workload, RuleBook rules, PolicyBook policies, SidecarBook sidecars) =>
        Scope.Of(workload, rules.SourceSelectors.Concat(policies.Selectors), sidecars.For(workload));

    private static ImmutableSortedDictionary<ObjectKey, PodPlan> Pods(MeshSnapshot snapshot, PlanParts parts, MeshPlan? previous, SectionPool pool)
    {
        var pods = ImmutableSortedDictionary.CreateBuilder<ObjectKey, PodPlan>();
        var planner = new PodPlanner(parts, pool);
        foreach (var workload in snapshot.Workloads.Values)
        {
            if (!workload.IsInMesh) continue;
            var scope = parts.Scopes[ScopeOf(workload, parts.RulesInForce, parts.PoliciesInForce, parts.Sidecars).Key];
            pods.Add(workload.Key, planner.Plan(workload, scope, previous?.Pods.GetValueOrDefault(workload.Key)));
        }

        return pods.ToImmutable();
    }

    private static MeshSettings Settings(MeshWideSettings settings)
    {
        var own = new MeshSettings();
        return own with
        {
            TrustDomain = settings.TrustDomain,
            AccessLogFile = settings.AccessLogFile,
            AccessLogJson = settings.AccessLogJson,
            AccessLogFormat = settings.AccessLogFormat,
            MinimumTlsVersion = settings.MinimumTlsVersion,
            PathNormalization = settings.PathNormalization,
            ProtocolDetectionTimeout = settings.ProtocolDetectionTimeout ?? own.ProtocolDetectionTimeout,
            DrainDuration = settings.DrainDuration ?? own.DrainDuration,
            // Said to be none, which is another thing than said nothing.
            InboundRetry = settings.InboundRetries is { } retries ? new RetryTranslator(null).Translate(retries, null, isHashed: false) ?? new RetryPolicy { Attempts = 0 } : null,
        };
    }
}
