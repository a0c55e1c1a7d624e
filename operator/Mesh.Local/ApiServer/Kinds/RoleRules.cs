using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Access;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Storage;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.Kinds;

/// <summary>Roles and ClusterRoles: rules that say what they are about, and only by those who hold them.</summary>
internal sealed class RoleRules(Authorizer authorizer, bool namespaced) : KindRules
{
    public override void Default(JsonObject item)
    {
        if (item["rules"] is null)
            item["rules"] = null;
    }

    public override void Guard(WriteRequest write, JsonObject item, StoredObject? before)
    {
        if (before is null || !JsonNode.DeepEquals(item["rules"], before.Edit()["rules"]))
            Escalation.CheckRole(authorizer, write, item);
    }

    public override void Validate(List<FieldProblem> problems, JsonObject item, StoredObject? before)
    {
        var index = 0;
        foreach (var rule in item.List("rules")?.OfType<JsonObject>() ?? [])
            Rule(problems, rule, $"rules[{index++}]");
        index = 0;
        foreach (var selector in item.List("aggregationRule", "clusterRoleSelectors")?.OfType<JsonObject>() ?? [])
        {
            if (selector.Count == 0)
                problems.Add(FieldProblem.Required($"aggregationRule.clusterRoleSelectors[{index}]", "at least one of matchLabels or matchExpressions is required"));
            index++;
        }
    }

    private void Rule(List<FieldProblem> problems, JsonObject rule, string path)
    {
        if (Count(rule, "verbs") == 0)
            problems.Add(FieldProblem.Required(path + ".verbs", "verbs must contain at least one value"));
        if (Count(rule, "nonResourceURLs") > 0)
        {
            if (namespaced)
                problems.Add(FieldProblem.Invalid(path + ".nonResourceURLs", rule["nonResourceURLs"]!.ToJsonString(), "namespaced rules cannot apply to non-resource URLs"));
            if (Count(rule, "apiGroups") + Count(rule, "resources") + Count(rule, "resourceNames") > 0)
                problems.Add(FieldProblem.Invalid(path + ".nonResourceURLs", rule["nonResourceURLs"]!.ToJsonString(), "rules cannot apply to both regular resources and non-resource URLs"));
            return;
        }

        if (Count(rule, "apiGroups") == 0)
            problems.Add(FieldProblem.Required(path + ".apiGroups", "resource rules must supply at least one api group"));
        if (Count(rule, "resources") == 0)
            problems.Add(FieldProblem.Required(path + ".resources", "resource rules must supply at least one resource"));
    }

    private static int Count(JsonObject rule, string list) => rule.List(list)?.Count ?? 0;
}
