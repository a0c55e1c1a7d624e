using System.Buffers.Text;
using System.Globalization;
using Mesh.Local.ApiServer.Json;
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

    /// <summary>A resourceVersion of the query: null when absent.</summary>
    public static long? Revision(ApiRequest request, int codeWhenInvalid)
    {
        if (request.Query("resourceVersion") is not { Length: > 0 } text)
            return null;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var revision))
            return revision;
        var message = $"Invalid value: {FieldProblem.Quote(text)}: strconv.ParseUint: parsing {FieldProblem.Quote(text)}: invalid syntax";
        throw codeWhenInvalid == 400
            ? StatusException.BadRequest("resourceVersion: " + message)
            : StatusException.Internal("resourceVersion: " + message);
    }

    /// <summary>Where a list goes on: the revision of its first page and the last key that page held.</summary>
    public static string WriteContinue(long revision, string lastKey) => Base64Url.EncodeToString(
        new System.Text.Json.Nodes.JsonObject { ["v"] = "meta.k8s.io/v1", ["rv"] = revision, ["start"] = lastKey + "\0" }.ToBytes());

    public static (long Revision, string Start) ReadContinue(string token)
    {
        if (Base64Url.IsValid(token))
        {
            try
            {
                var read = JsonAccess.ParseElement(Base64Url.DecodeFromChars(token));
                if (read.Integer("rv") is { } revision && read.Text("start") is { Length: > 0 } start)
                    return (revision, start);
            }
            catch (System.Text.Json.JsonException)
            {
                // Said below: a token that cannot be read is refused like one that is not base64.
            }
        }

        throw StatusException.BadRequest("continue key is not valid: illegal base64 data");
    }
}
