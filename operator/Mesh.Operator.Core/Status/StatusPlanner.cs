using System.Collections.Immutable;
using Mesh.Api;
using Mesh.Api.Health;
using Mesh.Api.Networking;
using Mesh.Api.Security;
using Mesh.Config;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Status;

/// <summary>
/// What users are told of their rules. What enters is the plan, what proxies reported and what is written already; what
/// leaves is each status that has to be written now. A status equal to the written one never leaves, so that a second run
/// writes nothing; whether a thing is true or false is told at once, mere counts not oftener than every ten seconds.
/// </summary>
public static class StatusPlanner
{
    /// <summary>Least time between two writes of an object that change only counts and names.</summary>
    public static readonly TimeSpan CountInterval = TimeSpan.FromSeconds(10);

    /// <summary>How long a new leader trusts what is written before it has heard of all proxies.</summary>
    public static readonly TimeSpan TakeoverGrace = TimeSpan.FromSeconds(10);

    public static StatusPlan Plan(
        MeshPlan plan,
        IReadOnlyDictionary<ObjectKey, ProxyObservation> proxies,
        IReadOnlyDictionary<RuleKey, WrittenStatus> written,
        DateTimeOffset now,
        DateTimeOffset leadingSince)
    {
        var census = new ProxyCensus(plan, proxies, now);
        var clearText = new ClearTextCensus(plan, proxies, now);
        var members = new MemberCensus(plan, proxies);
        var shared = plan.Parts.Snapshot.SharedKinds;
        var concerns = shared.IsEmpty ? null : new Concerns(plan);
        var isNew = census.Unheard && now - leadingSince < TakeoverGrace;
        var askAgain = Earliest(census.NextSilence, isNew ? leadingSince + TakeoverGrace : null);
        var patches = ImmutableArray.CreateBuilder<StatusPatch>();
        foreach (var verdict in plan.Verdicts.Values)
        {
            var before = written.GetValueOrDefault(verdict.Rule) ?? new WrittenStatus();
            var isShared = shared.Contains(verdict.Rule.Kind);
            RuleStatus? status;
            if (isShared && !concerns!.Has(verdict))
            {
                status = SharedStatus.Without(before.Status);
            }
            else
            {
                var whole = StatusOf(verdict, census.Count(verdict), clearText, members, before.Status, isNew, now);
                status = isShared ? SharedStatus.Of(whole, before.Status) : whole;
            }

            if (status is null) continue;
            if (before.Status is not null && SameText(status, before.Status)) continue;
            if (before.Status is not null && before.WrittenAt + CountInterval > now && SameButCounts(status, before.Status))
            {
                askAgain = Earliest(askAgain, before.WrittenAt + CountInterval);
                continue;
            }

            patches.Add(new StatusPatch { Rule = verdict.Rule, Uid = verdict.Uid, Status = status, IsShared = isShared });
        }

        return new StatusPlan { Patches = patches.ToImmutable(), AskAgain = Earliest(askAgain, clearText.NextForgotten) };
    }

    private static DateTimeOffset? Earliest(DateTimeOffset? a, DateTimeOffset? b) => a is null || b < a ? b : a;

    private static RuleStatus StatusOf(RuleVerdict verdict, ProxyCount count, ClearTextCensus clearText, MemberCensus members, RuleStatus? before, bool isNew, DateTimeOffset now)
    {
        var accepted = Statements.Accepted(verdict);
        var resolved = Statements.ResolvedRefs(verdict);
        var programmed = Statements.Programmed(verdict, count);
        var held = isNew ? Held(before, verdict.Generation, accepted) : null;
        if (held is not null) programmed = new Statement(held.Status == "True", held.Reason, held.Message);
        var ready = Statements.Ready(verdict, accepted, resolved, programmed);
        var statements = new List<(string, Statement)>
        {
            (ConditionTypes.Accepted, accepted), (ConditionTypes.ResolvedRefs, resolved), (ConditionTypes.Programmed, programmed), (ConditionTypes.Ready, ready),
        };
        var details = WithMembers(verdict, members, isNew ? before : null);
        if (details is PeerAuthenticationStatus peers)
        {
            var callers = clearText.Of(verdict, isNew ? before as PeerAuthenticationStatus : null);
            statements.Add((ConditionTypes.StrictReady, callers.StrictReady));
            details = peers with { ClearTextClients = callers.Lines };
        }

        var conditions = Conditions(before, verdict.Generation, now, [.. statements]);
        return details with
        {
            Conditions = conditions,
            ObservedGeneration = verdict.Generation,
            Applied = held is not null ? before!.Applied : count.Ratio,
            Proxies = held is not null ? before!.Proxies : new ProxyStatus
            {
                Targeted = count.Targeted,
                Applied = count.Applied,
                Pending = [.. count.Pending.Concat(count.Silent).Take(ProxyCount.Named)],
            },
            Findings = [.. verdict.Findings.Select(finding => finding with { Resource = "" }).Concat(Refusal(count))],
            ValidationMessages = before?.ValidationMessages ?? [],
        };
    }

    private static RuleStatus WithMembers(RuleVerdict verdict, MemberCensus members, RuleStatus? held)
    {
        switch (verdict.Details)
        {
            case DestinationRuleStatus rule:
                if (held is DestinationRuleStatus heldRule) return rule with { Ejected = heldRule.Ejected, EjectedMembers = heldRule.EjectedMembers };
                var ejected = members.Of(verdict.Hosts, MemberCondition.Ejected);
                return rule with { Ejected = ejected.IsEmpty ? null : ejected.Length, EjectedMembers = MemberCensus.Named(ejected) };
            case HealthCheckStatus check when verdict.NotAccepted is null && !verdict.Hosts.IsEmpty:
                if (held is HealthCheckStatus heldCheck) return check with { Unhealthy = heldCheck.Unhealthy, UnhealthyMembers = heldCheck.UnhealthyMembers };
                var unhealthy = members.Of(verdict.Hosts, MemberCondition.Unhealthy);
                return check with { Unhealthy = $"{unhealthy.Length}/{members.Total(verdict.Hosts)}", UnhealthyMembers = MemberCensus.Named(unhealthy) };
            default:
                return verdict.Details;
        }
    }

    // Before the proxies have answered, a new leader knows less than what its predecessor wrote of the same generation.
    private static Condition? Held(RuleStatus? before, long generation, Statement accepted) =>
        accepted.Holds && before?.Conditions.FirstOrDefault(condition => condition.Type == ConditionTypes.Programmed) is { } condition
        && condition.ObservedGeneration == generation && condition.Reason != ConditionReasons.NotAccepted ? condition : null;

    private static IEnumerable<Finding> Refusal(ProxyCount count) => count.Refusing is null ? [] :
    [
        new Finding
        {
            Severity = Severity.Error,
            Code = FindingCodes.RefusedByProxy,
            Message = $"{count.Refusing} refused its config: {string.Join("; ", (count.Refusal?.Problems ?? []).Select(problem => $"{problem.Path} {problem.Message}"))}",
            Remedy = "The proxy keeps its last good config; this is probably a fault of Mesh, please report it.",
        },
    ];

    // Conditions of others are left as they are.
    private static ImmutableArray<Condition> Conditions(RuleStatus? before, long generation, DateTimeOffset now, params ReadOnlySpan<(string Type, Statement Statement)> statements)
    {
        var conditions = ImmutableArray.CreateBuilder<Condition>();
        foreach (var (type, statement) in statements)
        {
            var held = before?.Conditions.FirstOrDefault(condition => condition.Type == type);
            var status = statement.IsUnknown ? "Unknown" : statement.Holds ? "True" : "False";
            conditions.Add(new Condition
            {
                Type = type,
                Status = status,
                Reason = statement.Reason,
                Message = statement.Message,
                ObservedGeneration = generation,
                LastTransitionTime = held is { LastTransitionTime: not null } && held.Status == status ? held.LastTransitionTime : WholeSeconds(now),
                LastProbeTime = held?.LastProbeTime,
            });
        }

        conditions.AddRange((before?.Conditions ?? []).Where(condition => !ConditionTypes.All.Contains(condition.Type)));
        return conditions.ToImmutable();
    }

    // Kubernetes writes times in whole seconds; anything finer would differ after it was read back.
    private static DateTimeOffset WholeSeconds(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);

    private static bool SameText(RuleStatus a, RuleStatus b) => StatusText.Of(a) == StatusText.Of(b);

    // Where a definition has changed hands, counts come or go for good.
    private static bool SameButCounts(RuleStatus a, RuleStatus b) => (a.Applied is null) == (b.Applied is null) && StatusText.Of(WithoutCounts(a)) == StatusText.Of(WithoutCounts(b));

    private static RuleStatus WithoutCounts(RuleStatus status)
    {
        var bare = status with { Applied = null, Proxies = null, Conditions = [.. status.Conditions.Select(condition => condition with { Message = "" })] };
        return bare switch
        {
            DestinationRuleStatus rule => rule with { Subsets = null, Ejected = null, EjectedMembers = [] },
            HealthCheckStatus check => check with { Unhealthy = null, UnhealthyMembers = [] },
            PeerAuthenticationStatus peers => peers with { Scope = null, ClearTextClients = [] },
            _ => bare,
        };
    }
}
