using System.Collections.Frozen;
using System.Collections.Immutable;
using Mesh.Config;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Status;

/// <summary>The proxies that a status speaks about, with what each said it holds.</summary>
internal sealed class ProxyCensus
{
    /// <summary>A proxy that does not answer for this long is counted apart.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ImmutableArray<Member> members;

    private readonly EndpointBook endpoints;

    public ProxyCensus(MeshPlan plan, IReadOnlyDictionary<ObjectKey, ProxyObservation> proxies, DateTimeOffset now)
    {
        endpoints = plan.Parts.Endpoints;
        members =
        [
            .. plan.Pods.Values.Where(pod => !pod.IsTerminating)
                .Select(pod => (Pod: pod, Seen: proxies.GetValueOrDefault(pod.Pod)))
                .Where(pair => HasAcknowledgedAnything(pair.Pod, pair.Seen))
                .Select(pair => new Member(pair.Pod, pair.Seen!, now)),
        ];
        Unheard = plan.Pods.Values.Any(pod => !pod.IsTerminating && proxies.GetValueOrDefault(pod.Pod) is null or { Report: null, UnreachableSince: null });
        NextSilence = members.Where(member => member.Seen.UnreachableSince is not null && !member.IsSilent)
            .Select(member => member.Seen.UnreachableSince + Patience).Min();
    }

    /// <summary>Some proxy was not asked yet.</summary>
    public bool Unheard { get; }

    /// <summary>When the next proxy will have been silent for too long.</summary>
    public DateTimeOffset? NextSilence { get; }

    public ProxyCount Count(RuleVerdict verdict)
    {
        if (!verdict.IsForSidecars) return new ProxyCount(0, 0, [], [], null, null);
        // Proxies that were told nothing of a rule do not hold it, though nothing is missing.
        if (verdict.NotAccepted is not null) return new ProxyCount(members.Length, 0, [], [], null, null);
        var rule = verdict.Rule;
        // Members of services are not told scope by scope.
        ImmutableArray<string> memberships = [.. endpoints.SectionsOf(rule)];
        var (targeted, applied) = (0, 0);
        var (pending, silent) = (new List<string>(), new List<string>());
        Member? refusing = null;
        foreach (var member in members)
        {
            var holds = member.Holds(rule, memberships);
            if (member.IsSilent && !holds)
            {
                silent.Add(member.Pod.Pod.ToString());
                continue;
            }

            targeted++;
            if (holds)
            {
                applied++;
                continue;
            }

            pending.Add(member.Pod.Pod.ToString());
            if (member.Refused is not null) refusing ??= member;
        }

        return new ProxyCount(targeted, applied, [.. pending], [.. silent], refusing?.Pod.Pod.ToString(), refusing?.Refused);
    }

    // A pod made anew under its old name answers with another uid until its own sidecar runs.
    private static bool HasAcknowledgedAnything(PodPlan pod, ProxyObservation? seen) =>
        seen?.Report is { Hash.Length: > 0 } report && (report.PodUid.Length == 0 || report.PodUid == pod.Uid);

    private sealed class Member(PodPlan pod, ProxyObservation seen, DateTimeOffset now)
    {
        // Sections the proxy does not hold as the plan has them; mostly none.
        private readonly FrozenSet<string> missing = Missing(pod, seen.Report!);

        public PodPlan Pod { get; } = pod;

        public ProxyObservation Seen { get; } = seen;

        public bool IsSilent { get; } = seen.UnreachableSince is { } since && now - since >= Patience;

        public RefusedConfig? Refused => Seen.Report!.Refused;

        public bool Holds(RuleKey rule, ImmutableArray<string> memberships)
        {
            if (missing.Count == 0) return true;
            foreach (var section in Pod.SectionsOf(rule))
                if (missing.Contains(section)) return false;
            foreach (var section in memberships)
                if (missing.Contains(section)) return false;
            return true;
        }

        private static FrozenSet<string> Missing(PodPlan pod, ProxyReport report)
        {
            if (report.Hash == pod.Hash) return [];
            var held = report.Sections.ToHashSet();
            return pod.Sections.Where(section => !held.Contains(section.Ref)).Select(section => section.Name).ToFrozenSet(StringComparer.Ordinal);
        }
    }
}
