using System.Reflection;
using System.Text;

namespace Mesh.Operator.Runtime;

/// <summary>The ClusterRole and its binding, made from the <see cref="EntityRbacAttribute"/>s of a program's types.</summary>
public static class RbacManifest
{
    private static readonly RbacVerb[] Order = [RbacVerb.Get, RbacVerb.List, RbacVerb.Watch, RbacVerb.Create, RbacVerb.Update, RbacVerb.Patch, RbacVerb.Delete];

    public static string Write(string name, string @namespace, params Assembly[] assemblies)
    {
        var grants = assemblies.SelectMany(a => a.GetTypes())
            .SelectMany(t => t.GetCustomAttributes<EntityRbacAttribute>())
            .SelectMany(a => a.Entities, (a, entity) => (Kind: ResourceKind.Of(entity), a.Verbs, a.Subresource))
            .GroupBy(g => (g.Kind.Group, Resource: g.Subresource.Length == 0 ? g.Kind.Plural : $"{g.Kind.Plural}/{g.Subresource}"))
            .Select(g => (g.Key.Group, g.Key.Resource, Verbs: g.Aggregate(RbacVerb.None, (all, one) => all | one.Verbs)))
            .GroupBy(g => (g.Group, g.Verbs))
            .OrderBy(g => g.Key.Group, StringComparer.Ordinal).ThenBy(g => g.Min(r => r.Resource), StringComparer.Ordinal);

        var yaml = new StringBuilder(
            $"""
            # GENERATED from the [EntityRbac] attributes; `make manifests` writes it anew.
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata:
              name: {name}
            rules:

            """);
        foreach (var rule in grants)
        {
            yaml.Append($"- apiGroups: [\"{rule.Key.Group}\"]\n");
            yaml.Append($"  resources: [{string.Join(", ", rule.Select(r => r.Resource).Order(StringComparer.Ordinal))}]\n");
            yaml.Append($"  verbs: [{string.Join(", ", Order.Where(v => rule.Key.Verbs.HasFlag(v)).Select(v => v.ToString().ToLowerInvariant()))}]\n");
        }

        yaml.Append(
            $"""
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata:
              name: {name}
            roleRef:
              apiGroup: rbac.authorization.k8s.io
              kind: ClusterRole
              name: {name}
            subjects:
            - kind: ServiceAccount
              name: {name}
              namespace: {@namespace}

            """);
        return yaml.ToString();
    }
}
