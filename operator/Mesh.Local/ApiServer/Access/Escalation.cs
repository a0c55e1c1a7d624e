using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.Access;

/// <summary>Nobody gives what he does not have: a role's rules must be held by its writer, unless he may escalate or bind.</summary>
internal static class Escalation
{
    /// <summary>A Role or ClusterRole is about to be written with these rules.</summary>
    public static void CheckRole(Authorizer authorizer, WriteRequest write, JsonObject role) =>
        Check(authorizer, write, role, "escalate", write.Resource.Plural, role.Text("metadata", "name") ?? "", () => RoleRule.Of(role.ToElement()));

    /// <summary>A binding is about to give somebody a role.</summary>
    public static void CheckBinding(Authorizer authorizer, WriteRequest write, JsonObject binding)
    {
        var (kind, name) = (binding.Text("roleRef", "kind") ?? "", binding.Text("roleRef", "name") ?? "");
        Check(authorizer, write, binding, "bind", kind == "ClusterRole" ? "clusterroles" : "roles", name, () =>
            authorizer.Book.RulesOf(kind, name, write.Namespace)
                ?? throw StatusException.NotFound(write.Catalog.FindKind(Authorizer.Group, kind) ?? write.Resource, name));
    }

    private static void Check(
        Authorizer authorizer, WriteRequest write, JsonObject item, string verb, string plural, string name, Func<ImmutableArray<RoleRule>> wanted)
    {
        if (Authorizer.IsMaster(write.User))
            return;
        var special = new AccessRequest { User = write.User, Verb = verb, Group = Authorizer.Group, Resource = plural, Namespace = write.Namespace, Name = name };
        if (authorizer.Decide(special).Allowed)
            return;
        var held = authorizer.Book.For(write.User, write.Namespace).SelectMany(given => given.Rules ?? []).ToList();
        var missing = wanted().SelectMany(rule => rule.Single()).Where(single => !held.Any(rule => rule.Covers(single))).ToList();
        if (missing.Count == 0)
            return;
        throw StatusException.Forbidden(
            write.Resource, item.Text("metadata", "name") ?? "",
            $"user \"{write.User.Name}\" (groups={Quoted(write.User.Groups)}) is attempting to grant RBAC permissions not currently held:\n{string.Join('\n', Described(missing))}");
    }

    /// <summary>One line a resource, with all the verbs that are missing there.</summary>
    private static IEnumerable<string> Described(List<RoleRule> missing) => missing
        .GroupBy(rule => (Group: rule.Groups.FirstOrDefault(), Resource: rule.Resources.FirstOrDefault(), Name: rule.Names.FirstOrDefault(), Path: rule.Paths.FirstOrDefault()))
        .Select(group => Described(group.First(), [.. group.Select(rule => rule.Verbs[0]).Distinct()]))
        .Order(StringComparer.Ordinal);

    private static string Described(RoleRule rule, ImmutableArray<string> verbs)
    {
        var parts = ((string Name, ImmutableArray<string> Values)[])
            [("APIGroups", rule.Groups), ("Resources", rule.Resources), ("NonResourceURLs", rule.Paths), ("ResourceNames", rule.Names), ("Verbs", verbs)];
        return "{" + string.Join(", ", parts.Where(part => part.Values.Length > 0).Select(part => $"{part.Name}:{Quoted(part.Values)}")) + "}";
    }

    private static string Quoted(ImmutableArray<string> values) => "[" + string.Join(' ', values.Select(FieldProblem.Quote)) + "]";
}
