using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Storage;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.Kinds;

/// <summary>ValidatingAdmissionPolicyBindings: a policy's name, and what comes of what it denies.</summary>
internal sealed class PolicyBindingRules : KindRules
{
    private static readonly string[] Actions = ["Audit", "Deny", "Warn"];

    public override bool HasGeneration(WriteRequest write) => true;

    public override void Default(JsonObject item)
    {
        if (item.Map("spec", "matchResources") is { } match)
            MatchResourcesCheck.Default(match);
    }

    public override void Validate(List<FieldProblem> problems, JsonObject item, StoredObject? before)
    {
        var spec = item.Map("spec") ?? [];
        if (spec.Text("policyName") is not { Length: > 0 })
            problems.Add(FieldProblem.Required("spec.policyName"));
        if (spec.Map("paramRef") is { } param)
            Param(problems, param);
        if (spec.Map("matchResources") is { } match)
            MatchResourcesCheck.Add(problems, match, "spec.matchResources");
        Outcome(problems, [.. spec.List("validationActions")?.Select(one => one?.ToString() ?? "") ?? []]);
    }

    private static void Param(List<FieldProblem> problems, JsonObject param)
    {
        const string path = "spec.paramRef";
        var named = param.Text("name") is { Length: > 0 };
        var selected = param.Map("selector") is not null;
        if (named && selected)
        {
            problems.Add(FieldProblem.Forbidden(path + ".name", "name and selector are mutually exclusive"));
            problems.Add(FieldProblem.Forbidden(path + ".selector", "name and selector are mutually exclusive"));
        }

        if (!named && !selected)
            problems.Add(FieldProblem.Required(path, "one of name or selector must be specified"));
        if (param.Text("parameterNotFoundAction") is not { Length: > 0 } action)
            problems.Add(FieldProblem.Required(path + ".parameterNotFoundAction"));
        else if (action is not ("Allow" or "Deny"))
            problems.Add(FieldProblem.NotSupported(path + ".parameterNotFoundAction", FieldProblem.Quote(action), ["Deny", "Allow"]));
    }

    private static void Outcome(List<FieldProblem> problems, IReadOnlyList<string> actions)
    {
        const string path = "spec.validationActions";
        for (var index = 0; index < actions.Count; index++)
        {
            if (!Actions.Contains(actions[index]))
                problems.Add(FieldProblem.NotSupported($"{path}[{index}]", FieldProblem.Quote(actions[index]), Actions));
            if (actions.Take(index).Contains(actions[index]))
                problems.Add(FieldProblem.Duplicate($"{path}[{index}]", FieldProblem.Quote(actions[index])));
        }

        if (actions.Contains("Deny") && actions.Contains("Warn"))
        {
            problems.Add(FieldProblem.Invalid(path, $"[{string.Join(",", actions.Select(FieldProblem.Quote))}]",
                "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)"));
        }

        if (actions.Count == 0)
            problems.Add(FieldProblem.Required(path, "at least one validation action is required"));
    }
}
