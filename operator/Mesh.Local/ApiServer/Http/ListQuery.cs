using Mesh.Local.ApiServer.Selection;
using Mesh.Local.ApiServer.Storage;

namespace Mesh.Local.ApiServer.Http;

/// <summary>Which objects of a kind a request is about: namespace, name and selectors.</summary>
internal sealed record ListQuery(string Namespace, string? Name, LabelSelector Labels, FieldSelector Fields)
{
    public static ListQuery Of(ApiRequest request) => new(
        request.Namespace,
        request.Name.Length > 0 ? request.Name : null,
        LabelSelector.Parse(request.Query("labelSelector") ?? ""),
        FieldSelector.Parse(request.Query("fieldSelector") ?? "", request.Resource, request.Version));

    public bool HasSelector => !Labels.IsEmpty || !Fields.IsEmpty;

    public bool Selects(StoredObject item) =>
        (Namespace.Length == 0 || item.Namespace == Namespace)
        && (Name is null || item.Name == Name)
        && Labels.Matches(item.Json)
        && Fields.Matches(item.Json);

    public IEnumerable<StoredObject> From(ObjectState state) => state.InNamespace(Namespace).Where(Selects);
}
