using System.Reflection;
using System.Text;

namespace Mesh.Operator.Runtime;

/// <summary>The roles and their bindings, made from the <see cref="EntityRbacAttribute"/>s of a program's types.</summary>
public static class RbacManifest
{
    private static readonly RbacVerb[] Order = [RbacVerb.Get, RbacVerb.List, RbacVerb.Watch, RbacVerb.Create, RbacVerb.Update, RbacVerb.Patch, RbacVerb.Delete];

    public static string Write(string name, string @namespace, params Assembly[] assemblies)
    {
        var grants = assemblies.SelectMany(a => a.GetTypes()).SelectMany(t => t.GetCustomAttributes<EntityRbacAttribute>()).ToList();
        var yaml = new StringBuilder("# GENERATED from the [EntityRbac] attributes; `make manifests` writes it anew.\n");
        AppendRole(yaml, "ClusterRole", name, null, grants.Where(g => !g.OwnNamespace));
        AppendBinding(yaml, "ClusterRole", name, null, @namespace);
        AppendRole(yaml, "Role", name, @namespace, grants.Where(g => g.OwnNamespace));
        AppendBinding(yaml, "Role", name, @namespace, @namespace);
        return yaml.ToString();
    }

    private static void AppendRole(StringBuilder yaml, string kind, string name, string? @namespace, IEnumerable<EntityRbacAttribute> grants)
    {
        AppendHead(yaml, kind, name, @namespace);
        yaml.Append("rules:\n");
        var rules = grants
            .SelectMany(Rules)
            .GroupBy(g => (g.Group, g.Resource, g.Names))
            .Select(g => (g.Key.Group, g.Key.Resource, g.Key.Names, Verbs: g.Aggregate(RbacVerb.None, (all, one) => all | one.Verbs)))
            .GroupBy(g => (g.Group, g.Names, g.Verbs))
            .OrderBy(g => g.Key.Group, StringComparer.Ordinal).ThenBy(g => g.Min(r => r.Resource), StringComparer.Ordinal).ThenBy(g => g.Key.Names, StringComparer.Ordinal);
        foreach (var rule in rules)
        {
            yaml.Append($"- apiGroups: [\"{rule.Key.Group}\"]\n");
            yaml.Append($"  resources: [{string.Join(", ", rule.Select(r => r.Resource).Order(StringComparer.Ordinal))}]\n");
            if (rule.Key.Names.Length > 0) yaml.Append($"  resourceNames: [{rule.Key.Names}]\n");
            yaml.Append($"  verbs: [{string.Join(", ", Order.Where(v => rule.Key.Verbs.HasFlag(v)).Select(v => v.ToString().ToLowerInvariant()))}]\n");
        }
    }

    private static IEnumerable<(string Group, string Resource, string Names, RbacVerb Verbs)> Rules(EntityRbacAttribute grant)
    {
        var names = string.Join(", ", grant.Names.Order(StringComparer.Ordinal));
        foreach (var kind in grant.Entities.Select(ResourceKind.Of))
        {
            var resource = grant.Subresource.Length == 0 ? kind.Plural : $"{kind.Plural}/{grant.Subresource}";
            if (names.Length == 0)
            {
                yield return (kind.Group, resource, "", grant.Verbs);
                continue;
            }

            if (grant.Verbs.HasFlag(RbacVerb.Create)) yield return (kind.Group, resource, "", RbacVerb.Create);
            yield return (kind.Group, resource, names, grant.Verbs & ~RbacVerb.Create);
        }
    }

    private static void AppendBinding(StringBuilder yaml, string kind, string name, string? @namespace, string subjectNamespace)
    {
        AppendHead(yaml, kind + "Binding", name, @namespace);
        yaml.Append($"roleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: {kind}\n  name: {name}\n");
        yaml.Append($"subjects:\n- kind: ServiceAccount\n  name: {name}\n  namespace: {subjectNamespace}\n");
    }

    private static void AppendHead(StringBuilder yaml, string kind, string name, string? @namespace)
    {
        yaml.Append($"---\napiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata:\n  name: {name}\n");
        if (@namespace is not null) yaml.Append($"  namespace: {@namespace}\n");
    }
}
