using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Api;

namespace Mesh.Operator.Core.Status;

/// <summary>
/// A status where the definition of the kind is not ours: of it the mesh writes its own conditions and nothing else. Another mesh may
/// write there too, so its conditions stay as they are, in their order, whatever they hold.
/// </summary>
public static class SharedStatus
{
    private static readonly string[] OfAnyone = ["conditions", "observedGeneration", "validationMessages", "addresses"];

    /// <summary>What we write is whole: a lone condition that happens to have the name of one of ours is someone else's.</summary>
    private static readonly string[] Always = [ConditionTypes.Accepted, ConditionTypes.ResolvedRefs, ConditionTypes.Programmed, ConditionTypes.Ready];

    /// <summary>Of a whole status what is written here, over the one that stands.</summary>
    internal static RuleStatus Of(RuleStatus whole, RuleStatus? before) =>
        Bare(whole, before) with { Conditions = [.. Merged(before?.Conditions ?? [], Ours(whole).Select(condition => condition with { Message = Statements.Elsewhere(condition.Message) }))] };

    /// <summary>The same without a word of ours.</summary>
    internal static RuleStatus? Without(RuleStatus? before) => before is null ? null
        : Bare(before, before) with { Conditions = IsWhole(before.Conditions.Select(condition => condition.Type)) ? [.. before.Conditions.Where(condition => !IsOurs(condition.Type))] : before.Conditions };

    /// <summary>The conditions of ours among these.</summary>
    public static IEnumerable<Condition> Ours(RuleStatus status) => status.Conditions.Where(condition => IsOurs(condition.Type));

    /// <summary>The status to be written, as it goes over the wire.</summary>
    /// <param name="current">The one that stands, as it came over the wire.</param>
    /// <param name="wanted">What <see cref="Ours"/> are to be; none takes them out.</param>
    public static JsonObject Written(JsonObject? current, RuleStatus wanted)
    {
        var written = (JsonObject?)current?.DeepClone() ?? [];
        foreach (var name in OfOurs(wanted)) written.Remove(name);
        var ours = Ours(wanted).ToDictionary(condition => condition.Type, StringComparer.Ordinal);
        var standing = (written["conditions"] as JsonArray ?? []).Select(node => node?.DeepClone()).ToList();
        if (ours.Count == 0 && !IsWhole(standing.Select(TypeOf))) return written;
        var conditions = new JsonArray();
        foreach (var condition in standing)
        {
            if (!IsOurs(TypeOf(condition))) conditions.Add(condition);
            else if (ours.Remove(TypeOf(condition), out var mine)) conditions.Add(Json(mine, condition as JsonObject));
        }

        foreach (var type in ConditionTypes.All)
            if (ours.TryGetValue(type, out var mine)) conditions.Add(Json(mine, null));
        if (conditions.Count > 0) written["conditions"] = conditions;
        else written.Remove("conditions");
        return written;
    }

    /// <summary>Each in its place; what is new comes last.</summary>
    private static IEnumerable<Condition> Merged(IReadOnlyList<Condition> standing, IEnumerable<Condition> ours)
    {
        var left = ours.ToList();
        foreach (var condition in standing)
        {
            var mine = left.Find(one => one.Type == condition.Type);
            if (mine is not null) left.Remove(mine);
            if (mine is not null || !IsOurs(condition.Type)) yield return mine ?? condition;
        }

        foreach (var condition in left) yield return condition;
    }

    private static RuleStatus Bare(RuleStatus kind, RuleStatus? before)
    {
        var bare = (RuleStatus)Activator.CreateInstance(kind.GetType())!;
        bare = bare with { ObservedGeneration = before?.ObservedGeneration, ValidationMessages = before?.ValidationMessages ?? [] };
        return bare is Api.Networking.ServiceEntryStatus entry ? entry with { Addresses = (before as Api.Networking.ServiceEntryStatus)?.Addresses ?? [] } : bare;
    }

    // Left from a time when the definition was ours.
    private static IEnumerable<string> OfOurs(RuleStatus status) =>
        status.GetType().GetProperties().Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name)).Where(name => !OfAnyone.Contains(name));

    private static JsonNode? Json(Condition condition, JsonObject? before)
    {
        var written = JsonSerializer.SerializeToNode(condition, ApiJson.Options)!;
        // A time is that of the last change, of which what stands there knows best.
        if (before?["lastTransitionTime"] is { } since && JsonNode.DeepEquals(before["status"], written["status"])) written["lastTransitionTime"] = since.DeepClone();
        return written;
    }

    private static bool IsWhole(IEnumerable<string> types) => Always.All(types.ToHashSet(StringComparer.Ordinal).Contains);

    private static bool IsOurs(string type) => ConditionTypes.All.Contains(type);

    private static string TypeOf(JsonNode? condition) => condition is JsonObject && condition["type"] is JsonValue type && type.TryGetValue<string>(out var text) ? text : "";
}
