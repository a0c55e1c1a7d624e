using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Kinds;

/// <summary>What a policy or its binding is about: defaults, and what could never match.</summary>
internal static class MatchResourcesCheck
{
    private static readonly string[] Operations = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];

    public static void Default(JsonObject match)
    {
        match.Default("matchPolicy", "Equivalent");
        match.Default("namespaceSelector", new JsonObject());
        match.Default("objectSelector", new JsonObject());
        foreach (var rule in Rules(match, "resourceRules").Concat(Rules(match, "excludeResourceRules")))
            rule.Default("scope", "*");
    }

    public static void Add(List<FieldProblem> problems, JsonObject match, string path)
    {
        if (match.Text("matchPolicy") is { } policy and not ("Exact" or "Equivalent"))
            problems.Add(FieldProblem.NotSupported(path + ".matchPolicy", FieldProblem.Quote(policy), ["Equivalent", "Exact"]));
        foreach (var list in (ReadOnlySpan<string>)["resourceRules", "excludeResourceRules"])
        {
            var index = 0;
            foreach (var rule in Rules(match, list))
                Rule(problems, rule, $"{path}.{list}[{index++}]");
        }
    }

    private static void Rule(List<FieldProblem> problems, JsonObject rule, string path)
    {
        foreach (var list in (ReadOnlySpan<string>)["operations", "apiGroups", "apiVersions", "resources"])
        {
            if (rule.List(list) is not { Count: > 0 })
                problems.Add(FieldProblem.Required($"{path}.{list}"));
        }

        var index = 0;
        foreach (var operation in rule.List("operations")?.Select(one => one?.ToString() ?? "") ?? [])
        {
            if (!Operations.Contains(operation))
                problems.Add(FieldProblem.NotSupported($"{path}.operations[{index}]", FieldProblem.Quote(operation), Operations));
            index++;
        }

        var names = new HashSet<string>();
        index = 0;
        foreach (var name in rule.List("resourceNames")?.Select(one => one?.ToString() ?? "") ?? [])
        {
            if (!names.Add(name))
                problems.Add(FieldProblem.Duplicate($"{path}.resourceNames[{index}]", FieldProblem.Quote(name)));
            index++;
        }
    }

    private static IEnumerable<JsonObject> Rules(JsonObject match, string list) => match.List(list)?.OfType<JsonObject>() ?? [];
}
