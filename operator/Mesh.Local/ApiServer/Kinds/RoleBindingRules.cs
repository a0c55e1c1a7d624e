using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Access;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Storage;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.Kinds;

/// <summary>RoleBindings and ClusterRoleBindings: a role that stays the same, subjects that can be, and only by those who hold the role.</summary>
internal sealed class RoleBindingRules(Authorizer authorizer, bool namespaced) : KindRules
{
    public override void Default(JsonObject item)
    {
        item.Map("roleRef")?.Default("apiGroup", Authorizer.Group);
        foreach (var subject in PodTemplateDefaults.Items(item["subjects"]))
        {
            if (subject.Text("kind") is "User" or "Group")
                subject.Default("apiGroup", Authorizer.Group);
        }
    }

    public override void Guard(WriteRequest write, JsonObject item, StoredObject? before)
    {
        if (before is not null && JsonNode.DeepEquals(item["roleRef"], before.Edit()["roleRef"]) && JsonNode.DeepEquals(item["subjects"], before.Edit()["subjects"]))
            return;
        Escalation.CheckBinding(authorizer, write, item);
    }

    public override void Validate(List<FieldProblem> problems, JsonObject item, StoredObject? before)
    {
        var role = item.Map("roleRef") ?? [];
        var kinds = namespaced ? (string[])["Role", "ClusterRole"] : ["ClusterRole"];
        if (role.Text("apiGroup") != Authorizer.Group)
            problems.Add(FieldProblem.NotSupported("roleRef.apiGroup", FieldProblem.Quote(role.Text("apiGroup") ?? ""), [Authorizer.Group]));
        if (!kinds.Contains(role.Text("kind")))
            problems.Add(FieldProblem.NotSupported("roleRef.kind", FieldProblem.Quote(role.Text("kind") ?? ""), kinds));
        if (role.Text("name") is not { Length: > 0 })
            problems.Add(FieldProblem.Required("roleRef.name"));
        var index = 0;
        foreach (var subject in PodTemplateDefaults.Items(item["subjects"]))
            Subject(problems, subject, $"subjects[{index++}]");
        if (before is not null && !JsonNode.DeepEquals(item["roleRef"], before.Edit()["roleRef"]))
            problems.Add(FieldProblem.Invalid("roleRef", InGo(role), "cannot change roleRef"));
    }

    private static void Subject(List<FieldProblem> problems, JsonObject subject, string path)
    {
        if (subject.Text("name") is not { Length: > 0 })
            problems.Add(FieldProblem.Required(path + ".name"));
        var group = subject.Text("apiGroup") ?? "";
        switch (subject.Text("kind"))
        {
            case "ServiceAccount":
                if (group.Length > 0)
                    problems.Add(FieldProblem.NotSupported(path + ".apiGroup", FieldProblem.Quote(group), [""]));
                if (subject.Text("namespace") is not { Length: > 0 })
                    problems.Add(FieldProblem.Required(path + ".namespace"));
                break;
            case "User" or "Group":
                if (group != Authorizer.Group)
                    problems.Add(FieldProblem.NotSupported(path + ".apiGroup", FieldProblem.Quote(group), [Authorizer.Group]));
                break;
            default:
                problems.Add(FieldProblem.NotSupported(path + ".kind", FieldProblem.Quote(subject.Text("kind") ?? ""), ["ServiceAccount", "User", "Group"]));
                break;
        }
    }

    /// <summary>Kubernetes shows the value under the field names of its own type.</summary>
    private static string InGo(JsonObject role) => new JsonObject
    {
        ["APIGroup"] = role.Text("apiGroup"),
        ["Kind"] = role.Text("kind"),
        ["Name"] = role.Text("name"),
    }.ToJsonString();
}
