using System.Collections.Immutable;
using System.Text.Json;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Storage;

namespace Mesh.Local.ApiServer.Access;

/// <summary>A ClusterRoleBinding (no namespace) or a RoleBinding: whom it gives which role.</summary>
internal sealed class RoleBinding(StoredObject binding)
{
    private readonly ImmutableArray<(string Kind, string Namespace, string Name)> subjects =
        [.. binding.Json.Items("subjects").Select(subject => Subject(subject, binding.Namespace))];

    public string Namespace { get; } = binding.Namespace;

    public string RoleKind { get; } = binding.Json.Text("roleRef", "kind") ?? "";

    public string RoleName { get; } = binding.Json.Text("roleRef", "name") ?? "";

    /// <summary>The binding in words, as it gives the user something; null when it does not.</summary>
    public string? Gives(ApiUser user)
    {
        foreach (var (kind, ns, name) in subjects)
        {
            var (applies, text) = kind switch
            {
                "User" => (user.Name == name, $"User \"{name}\""),
                "Group" => (user.Groups.Contains(name), $"Group \"{name}\""),
                "ServiceAccount" => (user.Name == ApiUser.AccountName(ns, name), $"ServiceAccount \"{name}/{ns}\""),
                _ => (false, ""),
            };
            if (!applies)
                continue;
            var self = Namespace.Length == 0 ? $"ClusterRoleBinding \"{binding.Name}\"" : $"RoleBinding \"{binding.Name}/{Namespace}\"";
            return $"{self} of {RoleKind} \"{RoleName}\" to {text}";
        }

        return null;
    }

    private static (string Kind, string Namespace, string Name) Subject(JsonElement subject, string ns) =>
        (subject.Text("kind") ?? "", subject.Text("namespace") is { Length: > 0 } own ? own : ns, subject.Text("name") ?? "");
}
