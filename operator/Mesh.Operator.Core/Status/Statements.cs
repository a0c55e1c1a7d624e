using Mesh.Api;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Status;

/// <summary>The four statements about a rule, from its verdict and the count of proxies.</summary>
internal static class Statements
{
    private const string InStatus = "in status.findings";

    /// <summary>The same words where a status has no room for findings and lists.</summary>
    public static string Elsewhere(string message) => message
        .Replace(InStatus, "by mesh analyze", StringComparison.Ordinal)
        .Replace(ClearTextCensus.InStatus, "mesh status tells what each called.", StringComparison.Ordinal);

    public static Statement Accepted(RuleVerdict verdict)
    {
        if (verdict.NotAccepted is { } reason) return new Statement(false, reason, WhyNotAccepted(verdict, reason));
        var unsupported = Unsupported(verdict);
        return unsupported.Count == 0
            ? new Statement(true, ConditionReasons.Accepted, "The object is valid.")
            : new Statement(true, ConditionReasons.PartlySupported, $"{Several(unsupported)}");
    }

    public static Statement ResolvedRefs(RuleVerdict verdict)
    {
        if (verdict.Unresolved is not { } reason) return new Statement(true, ConditionReasons.ResolvedRefs, "Everything it names exists.");
        var missing = verdict.Findings.Where(finding => finding.Code is FindingCodes.ReferencedResourceNotFound
            or FindingCodes.UnknownDestinationRuleHost or FindingCodes.DestinationRuleSubsetNotSelectPods or FindingCodes.NoMatchingWorkloadsFound
            or FindingCodes.CredentialForbidden or FindingCodes.InvalidCredential).ToList();
        return new Statement(false, reason, verdict.Waits is { } waits ? $"{Several(missing)} {waits}" : Several(missing));
    }

    public static Statement Programmed(RuleVerdict verdict, ProxyCount count)
    {
        if (verdict.NotAccepted is not null)
            return new Statement(false, ConditionReasons.NotAccepted, verdict.Findings.Any(finding => finding.Code == FindingCodes.FailsClosed)
                ? "It is not accepted; proxies were told to refuse instead."
                : "It is not accepted, so no proxy was told of it.");
        if (verdict is { Waits: { } waits, Rule.Kind: RuleKey.VirtualService }) return new Statement(false, ConditionReasons.WaitingForReferences, waits);
        if (count.Refusing is { } pod)
            return new Statement(false, ConditionReasons.RefusedByProxy, $"{Holding(count)} {pod} refused its config and keeps the last good one: {Problems(count)}");
        if (count.Pending.Length > 0)
            return new Statement(false, ConditionReasons.Pending, $"{Holding(count)} Waiting for {ProxyCount.Names(count.Pending)}.{Silent(count)}");
        if (count.Silent.Length > 0)
            return new Statement(false, ConditionReasons.ProxyUnreachable, $"{Holding(count)}{Silent(count)}");
        return count.Targeted == 0
            ? new Statement(true, ConditionReasons.NoProxies, "No proxy runs that would use it, so there is nobody to wait for.")
            : new Statement(true, ConditionReasons.Programmed, verdict.Waits is { } stays ? $"{Holding(count)} {stays}" : Holding(count));
    }

    public static Statement Ready(RuleVerdict verdict, Statement accepted, Statement resolved, Statement programmed)
    {
        if (!accepted.Holds) return accepted;
        if (!resolved.Holds) return resolved;
        var lost = verdict.Findings.Where(finding => finding is { Code: FindingCodes.ConflictingMeshGatewayVirtualServiceHosts, Severity: Severity.Error } or { Code: FindingCodes.ConflictingServiceHosts }).ToList();
        if (lost.Count > 0) return new Statement(false, ConditionReasons.PartlyOwnedByOther, Several(lost));
        if (!programmed.Holds) return programmed;
        var refused = verdict.Findings.Where(finding => finding.Code == FindingCodes.MutualTlsMismatch).ToList();
        if (refused.Count > 0) return new Statement(false, ConditionReasons.ClientsRefused, Several(refused));
        var old = verdict.Findings.Where(finding => finding.Code == FindingCodes.SidecarTooOld).ToList();
        if (old.Count > 0) return new Statement(false, ConditionReasons.SidecarsTooOld, Several(old));
        var overruled = verdict.Findings.Where(finding => finding.Code == FindingCodes.IneffectivePolicy).ToList();
        if (overruled.Count > 0) return new Statement(false, ConditionReasons.PartlyOverruled, Several(overruled));
        if (accepted.Reason == ConditionReasons.PartlySupported) return accepted with { Holds = false };
        var unreachable = verdict.Findings.Where(finding => finding is { Code: FindingCodes.CoveredByEarlierRule, Severity: Severity.Warning } || finding.Code is FindingCodes.VirtualServiceUnreachableRule
            or FindingCodes.NoReadyEndpoints or FindingCodes.NoEffect).ToList();
        if (unreachable.Count > 0) return new Statement(false, ConditionReasons.PartlyUnreachable, Several(unreachable));
        return new Statement(true, ConditionReasons.InEffect, programmed.Message);
    }

    private static string WhyNotAccepted(RuleVerdict verdict, string reason)
    {
        var errors = verdict.Findings.Where(finding => finding.Severity == Severity.Error).ToList();
        if (errors.Count > 0) return Several(errors);
        var ineffective = verdict.Findings.Where(finding => finding.Code is FindingCodes.IneffectivePolicy or FindingCodes.ConflictingServiceHosts).ToList();
        if (ineffective.Count > 0) return Several(ineffective);
        var kind = verdict.Findings.FirstOrDefault(finding => finding.Code == FindingCodes.KindNotSupportedYet);
        if (kind is not null) return kind.ToString();
        return reason == ConditionReasons.NotSupportedYet ? "It only uses features that this version of Mesh does not have yet." : "It is not used.";
    }

    private static List<Finding> Unsupported(RuleVerdict verdict) =>
        [.. verdict.Findings.Where(finding => finding.Code is FindingCodes.FieldNotSupportedYet or FindingCodes.ValueNotSupportedYet)];

    private static string Several(IReadOnlyList<Finding> findings) => findings.Count switch
    {
        0 => "",
        1 => findings[0].ToString(),
        _ => $"{findings[0]} (and {findings.Count - 1} more {InStatus})",
    };

    private static string Holding(ProxyCount count) => $"{count.Ratio} proxies hold it.";

    private static string Silent(ProxyCount count) => count.Silent.Length == 0
        ? ""
        : $" {count.Silent.Length} did not answer for {ProxyCensus.Patience.TotalSeconds:0} s: {ProxyCount.Names(count.Silent)}.";

    private static string Problems(ProxyCount count) =>
        string.Join("; ", (count.Refusal?.Problems ?? []).Take(3).Select(problem => $"{problem.Path} {problem.Message}"));
}
