using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Storage;

/// <summary>
/// One state of one object, as a frozen document. The store makes a new one for each write and never changes one, so lists,
/// watchers and history share it without locks or copies.
/// </summary>
internal sealed class StoredObject
{
    public StoredObject(JsonElement json, long revision)
    {
        Json = json;
        Revision = revision;
        Namespace = json.Text("metadata", "namespace") ?? "";
        Name = json.Text("metadata", "name") ?? "";
        Uid = json.Text("metadata", "uid") ?? "";
    }

    public JsonElement Json { get; }

    public long Revision { get; }

    public string Namespace { get; }

    public string Name { get; }

    public string Uid { get; }

    public string Key => KeyOf(Namespace, Name);

    public bool IsTerminating => Json.Text("metadata", "deletionTimestamp") is not null;

    public bool HasFinalizers => Json.Count("metadata", "finalizers") > 0;

    public string? Label(string key) => Json.Text("metadata", "labels", key);

    /// <summary>A copy to work on.</summary>
    public JsonObject Edit() => Json.ToNode();

    /// <summary>Key order is list order: by namespace, then by name, as etcd keeps them.</summary>
    public static string KeyOf(string ns, string name) => ns.Length == 0 ? name : ns + "/" + name;
}
