using System.Text.Json;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Schema.Cel;
using Mesh.Local.ApiServer.Selection;
using Mesh.Local.ApiServer.Storage;

namespace Mesh.Local.ApiServer.Admission.Policies;

/// <summary>The objects a binding gives its policy as parameters: the policy is evaluated once for each.</summary>
internal static class PolicyParams
{
    private static readonly JsonElement?[] None = [null];

    /// <exception cref="CelError">They cannot be had: the kind is not served, or one that must be there is not.</exception>
    public static IReadOnlyList<JsonElement?> Of(ValidatingPolicy policy, PolicyBinding binding, AdmissionCall call, ObjectStore store)
    {
        if (policy.ParamKind is not { } kind || binding.ParamRef is not { } wanted)
            return None;
        var (apiVersion, name) = (kind.Text("apiVersion") ?? "", kind.Text("kind") ?? "");
        var group = apiVersion.Contains('/', StringComparison.Ordinal) ? apiVersion.Split('/')[0] : "";
        if (call.Write.Catalog.FindKind(group, name) is not { } resource)
            throw new CelError($"paramKind kind `{apiVersion}, Kind={name}` not known");
        var ns = "";
        if (resource.Namespaced)
        {
            ns = wanted.Text("namespace") is { Length: > 0 } given ? given : call.Write.Namespace;
            if (ns.Length == 0)
                throw new CelError("cannot use namespaced paramRef in policy binding that matches cluster-scoped resources");
        }
        else if (wanted.Text("namespace") is { Length: > 0 })
        {
            throw new CelError("paramRef.namespace must not be provided for a cluster-scoped `paramKind`");
        }

        List<JsonElement?> found = wanted.Text("name") is { Length: > 0 } one
            ? store.Find(resource.StoreId, ns, one) is { } item ? [item.Json] : []
            : Selected(store, resource.StoreId, ns, LabelSelector.FromObject(wanted.At("selector")));
        return found.Count > 0 || wanted.Text("parameterNotFoundAction") != "Deny"
            ? found
            : throw new CelError("no params found for policy binding with `Deny` parameterNotFoundAction");
    }

    private static List<JsonElement?> Selected(ObjectStore store, string id, string ns, LabelSelector selector) =>
        [.. store.Collection(id).State.Values.Where(item => item.Namespace == ns && selector.Matches(item.Json)).Select(item => (JsonElement?)item.Json)];
}
