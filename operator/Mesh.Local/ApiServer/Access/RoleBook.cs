using System.Collections.Frozen;
using System.Collections.Immutable;
using Mesh.Local.ApiServer.Storage;

namespace Mesh.Local.ApiServer.Access;

/// <summary>All roles and bindings as they were at one moment, ready to be asked. Immutable.</summary>
internal sealed class RoleBook
{
    private readonly RoleSources sources;
    private readonly FrozenDictionary<string, ImmutableArray<RoleRule>> clusterRoles;
    private readonly FrozenDictionary<string, ImmutableArray<RoleRule>> roles;
    private readonly ImmutableArray<RoleBinding> clusterBindings;
    private readonly FrozenDictionary<string, ImmutableArray<RoleBinding>> bindings;

    public RoleBook(RoleSources sources)
    {
        this.sources = sources;
        clusterRoles = sources.ClusterRoles.Values.ToFrozenDictionary(role => role.Key, role => RoleRule.Of(role.Json));
        roles = sources.Roles.Values.ToFrozenDictionary(role => role.Key, role => RoleRule.Of(role.Json));
        clusterBindings = [.. sources.ClusterBindings.Values.Select(binding => new RoleBinding(binding))];
        bindings = sources.Bindings.Values.GroupBy(binding => binding.Namespace)
            .ToFrozenDictionary(group => group.Key, group => group.Select(binding => new RoleBinding(binding)).ToImmutableArray());
    }

    /// <summary>Compared by reference: a record of records would compare every role.</summary>
    public bool IsOf(RoleSources now) =>
        ReferenceEquals(sources.ClusterRoles, now.ClusterRoles) && ReferenceEquals(sources.Roles, now.Roles)
        && ReferenceEquals(sources.ClusterBindings, now.ClusterBindings) && ReferenceEquals(sources.Bindings, now.Bindings);

    /// <summary>What a user is given in a namespace and everywhere: each binding in words with the role's rules; null where there is no such role.</summary>
    public IEnumerable<(RoleBinding Binding, string Given, ImmutableArray<RoleRule>? Rules)> For(ApiUser user, string ns)
    {
        var local = bindings.GetValueOrDefault(ns, []);
        foreach (var binding in ns.Length == 0 ? clusterBindings : clusterBindings.Concat(local))
        {
            if (binding.Gives(user) is { } given)
                yield return (binding, given, RulesOf(binding.RoleKind, binding.RoleName, binding.Namespace));
        }
    }

    public ImmutableArray<RoleRule>? RulesOf(string kind, string name, string ns)
    {
        var found = kind == "ClusterRole"
            ? clusterRoles.TryGetValue(name, out var rules)
            : roles.TryGetValue(StoredObject.KeyOf(ns, name), out rules);
        return found ? rules : null;
    }
}
