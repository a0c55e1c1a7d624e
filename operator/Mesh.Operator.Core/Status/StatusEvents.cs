using Mesh.Api;

namespace Mesh.Operator.Core.Status;

/// <summary>
/// What is worth an Event when a status changes: that a rule is refused or has lost a conflict, that something it names is
/// missing, that a proxy refuses it, and once for each generation that all proxies hold it. Few: pods that come and go change
/// <c>Programmed</c> all day, and tell nobody anything.
/// </summary>
public static class StatusEvents
{
    private static readonly string[] ToldOfProgrammed = [ConditionReasons.RefusedByProxy, ConditionReasons.WaitingForReferences];

    /// <param name="before">The status that stood.</param>
    /// <param name="after">The status that stands now.</param>
    /// <param name="told">The generation of which it was told already that all proxies hold it.</param>
    public static IEnumerable<StatusEvent> Between(RuleStatus? before, RuleStatus after, long? told)
    {
        foreach (var type in (string[])[ConditionTypes.Accepted, ConditionTypes.ResolvedRefs])
            if (Of(after, type) is { Status: "False" } failing && IsNews(before, failing)) yield return new StatusEvent(failing.Reason, failing.Message, true);
        if (Of(after, ConditionTypes.Programmed) is not { } programmed) yield break;
        if (programmed.Status == "False" && ToldOfProgrammed.Contains(programmed.Reason) && IsNews(before, programmed))
            yield return new StatusEvent(programmed.Reason, programmed.Message, programmed.Reason == ConditionReasons.RefusedByProxy);
        if (HeldGeneration(after) is { } held && held != told)
            yield return new StatusEvent(ConditionReasons.Programmed, after.Applied is { } applied ? $"Generation {held} is in force at {applied} proxies." : $"Generation {held} is in force: {programmed.Message}", false);
    }

    /// <summary>The generation that every proxy concerned holds by this status; null where some do not, or none is concerned.</summary>
    public static long? HeldGeneration(RuleStatus? status) =>
        Of(status, ConditionTypes.Programmed) is { Status: "True", Reason: ConditionReasons.Programmed } programmed ? programmed.ObservedGeneration : null;

    private static bool IsNews(RuleStatus? before, Condition now) =>
        Of(before, now.Type) is not { } last || last.Status != now.Status || last.Reason != now.Reason || last.ObservedGeneration != now.ObservedGeneration;

    private static Condition? Of(RuleStatus? status, string type) => status?.Conditions.FirstOrDefault(condition => condition.Type == type);
}
