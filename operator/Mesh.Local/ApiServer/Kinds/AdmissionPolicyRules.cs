using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Admission.Policies;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Storage;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.Kinds;

/// <summary>ValidatingAdmissionPolicies: their defaults, and what would make one impossible to evaluate.</summary>
internal sealed class AdmissionPolicyRules : KindRules
{
    private static readonly string[] Reasons = ["Forbidden", "Invalid", "RequestEntityTooLarge"];

    public override bool HasGeneration(WriteRequest write) => true;

    public override void Default(JsonObject item)
    {
        if (item.Map("spec") is not { } spec)
            return;
        spec.Default("failurePolicy", "Fail");
        if (spec.Map("matchConstraints") is { } match)
            MatchResourcesCheck.Default(match);
    }

    public override void Validate(List<FieldProblem> problems, JsonObject item, StoredObject? before)
    {
        var spec = item.Map("spec") ?? [];
        if (spec.Text("failurePolicy") is { } policy and not ("Fail" or "Ignore"))
            problems.Add(FieldProblem.NotSupported("spec.failurePolicy", FieldProblem.Quote(policy), ["Fail", "Ignore"]));
        if (spec.Map("paramKind") is { } kind)
        {
            foreach (var field in ((ReadOnlySpan<string>)["apiVersion", "kind"]).ToArray().Where(field => kind.Text(field) is not { Length: > 0 }))
                problems.Add(FieldProblem.Required("spec.paramKind." + field));
        }

        if (spec.Map("matchConstraints") is not { } match)
            problems.Add(FieldProblem.Required("spec.matchConstraints"));
        else
            Match(problems, match);
        if (spec.List("validations") is not { Count: > 0 } && spec.List("auditAnnotations") is not { Count: > 0 })
        {
            foreach (var field in (ReadOnlySpan<string>)["spec.validations", "spec.auditAnnotations"])
                problems.Add(FieldProblem.Required(field, "validations or auditAnnotations must contain at least one item"));
        }

        problems.AddRange(PolicyExpressions.Problems(spec));
        Validations(problems, spec);
    }

    private static void Match(List<FieldProblem> problems, JsonObject match)
    {
        MatchResourcesCheck.Add(problems, match, "spec.matchConstraints");
        if (match.List("resourceRules") is not { Count: > 0 })
            problems.Add(FieldProblem.Required("spec.matchConstraints.resourceRules"));
    }

    private static void Validations(List<FieldProblem> problems, JsonObject spec)
    {
        var index = 0;
        foreach (var validation in spec.List("validations")?.OfType<JsonObject>() ?? [])
        {
            var path = $"spec.validations[{index++}]";
            if (validation.Text("message") is { Length: > 0 } message)
            {
                if (message.AsSpan().Trim().IsEmpty)
                    problems.Add(FieldProblem.Invalid(path + ".message", FieldProblem.Quote(message), "message must be non-empty if specified"));
                else if (message.AsSpan().Trim().IndexOfAny('\n', '\r') >= 0)
                    problems.Add(FieldProblem.Invalid(path + ".message", FieldProblem.Quote(message), "message must not contain line breaks"));
            }

            if (validation.Text("reason") is { } reason && !Reasons.Contains(reason))
                problems.Add(FieldProblem.NotSupported(path + ".reason", FieldProblem.Quote(reason), Reasons));
        }
    }
}
