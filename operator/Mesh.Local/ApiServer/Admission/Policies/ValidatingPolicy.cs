using System.Collections.Immutable;
using System.Text.Json;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Schema.Cel;
using Mesh.Local.ApiServer.Storage;

namespace Mesh.Local.ApiServer.Admission.Policies;

/// <summary>
/// A ValidatingAdmissionPolicy as stored: which calls it is about and what its expressions say to one. What cannot be
/// evaluated counts as its failurePolicy says.
/// </summary>
internal sealed class ValidatingPolicy(StoredObject stored)
{
    private const int LongestMessage = 5 * 1024;
    private readonly JsonElement spec = stored.Json.At("spec") ?? default;
    private readonly AdmissionMatch match = new(stored.Json.At("spec", "matchConstraints") ?? default, "resourceRules");
    private readonly ImmutableArray<string> conditions = MatchConditions.Of(stored.Json.At("spec") ?? default);
    private readonly ImmutableDictionary<string, string> variables = stored.Json.Items("spec", "variables")
        .GroupBy(one => one.Text("name") ?? "").ToImmutableDictionary(group => group.Key, group => group.First().Text("expression") ?? "");

    public string Name => stored.Name;

    public bool IgnoresFailure { get; } = stored.Json.Text("spec", "failurePolicy") == "Ignore";

    /// <summary>The kind its parameters are of; null when it takes none.</summary>
    public JsonElement? ParamKind => spec.At("paramKind");

    /// <summary>The version the object is to be shown in; null when this policy is not about the call.</summary>
    public string? Matches(AdmissionCall call, JsonElement? ns) => match.VersionFor(call, ns);

    /// <param name="given">The variables of the call; the policy's own are added.</param>
    /// <returns>What its validations deny, in their order.</returns>
    public IReadOnlyList<PolicyDenial> Validations(Dictionary<string, object?> given)
    {
        given["variables"] = new CelVariables(variables, given);
        try
        {
            if (!MatchConditions.Hold(conditions, given))
                return [];
        }
        catch (CelError problem)
        {
            return IgnoresFailure ? [] : [new PolicyDenial(problem.Message)];
        }

        return [.. spec.Items("validations").Select(validation => Judge(validation, given)).OfType<PolicyDenial>()];
    }

    /// <summary>Audit annotations go nowhere, as there is no audit log; one without a value denies all the same.</summary>
    public IReadOnlyList<PolicyDenial> AuditAnnotations(Dictionary<string, object?> given)
    {
        var problems = new List<PolicyDenial>();
        foreach (var expression in spec.Items("auditAnnotations").Select(one => one.Text("valueExpression") ?? ""))
        {
            try
            {
                if (CelEvaluation.Of(CelParser.Known(expression), given) is not (null or string))
                    problems.Add(new PolicyDenial($"valueExpression '{expression}' resulted in unsupported return type. Return type must be either string or null."));
            }
            catch (CelError problem)
            {
                if (!IgnoresFailure)
                    problems.Add(new PolicyDenial(Failed(expression, problem)));
            }
        }

        return problems;
    }

    private PolicyDenial? Judge(JsonElement validation, Dictionary<string, object?> given)
    {
        var expression = validation.Text("expression") ?? "";
        try
        {
            return CelEvaluation.Of(CelParser.Known(expression), given) is true
                ? null
                : new PolicyDenial(Message(validation, expression, given), validation.Text("reason"));
        }
        catch (CelError problem)
        {
            return IgnoresFailure ? null : new PolicyDenial(Failed(expression, problem));
        }
    }

    private static string Failed(string expression, CelError problem) => $"expression '{expression}' resulted in error: {problem.Message}";

    private static string Message(JsonElement validation, string expression, Dictionary<string, object?> given) =>
        Evaluated(validation.Text("messageExpression"), given)
        ?? (validation.Text("message")?.Trim() is { Length: > 0 } message ? message : $"failed expression: {expression.Trim()}");

    /// <summary>A message without a value, or one that is no line of text, gives way to the fixed one.</summary>
    private static string? Evaluated(string? expression, Dictionary<string, object?> given)
    {
        if (expression is null)
            return null;
        try
        {
            return CelEvaluation.Of(CelParser.Known(expression), given) is string value && value.Trim() is { Length: > 0 and <= LongestMessage } line && !line.Contains('\n', StringComparison.Ordinal)
                ? line
                : null;
        }
        catch (CelError)
        {
            return null;
        }
    }
}
