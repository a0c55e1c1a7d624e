using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Storage;

/// <summary>
/// One state of one object, as a frozen document. The store makes a new one for each write and never changes one, so lists,
/// watchers and history share it without locks or copies. Its bytes begin with kind and apiVersion, so that an answer in any
/// version of the kind is these two anew and the rest as it is.
/// </summary>
internal sealed class StoredObject
{
    /// <summary>What an object takes beside its bytes, roughly: the index into its document, its keys, its place in the tree.</summary>
    private const int Overhead = 1024;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? scratch;

    private readonly int restFrom;

    /// <summary>Takes bytes in stored form: from <see cref="Of"/>, or from a journal.</summary>
    public StoredObject(ReadOnlySpan<byte> utf8, long revision)
    {
        Json = JsonAccess.Copy(utf8);
        Revision = revision;
        restFrom = EndOfType(utf8);
        Namespace = Json.Text("metadata", "namespace") ?? "";
        Name = Json.Text("metadata", "name") ?? "";
        Uid = Json.Text("metadata", "uid") ?? "";
        Key = KeyOf(Namespace, Name);
    }

    public JsonElement Json { get; }

    public long Revision { get; }

    public string Namespace { get; }

    public string Name { get; }

    public string Uid { get; }

    public string Key { get; }

    public bool IsTerminating => Json.Text("metadata", "deletionTimestamp") is not null;

    public bool HasFinalizers => Json.Count("metadata", "finalizers") > 0;

    /// <summary>The whole document, kind and apiVersion first.</summary>
    public ReadOnlySpan<byte> Utf8 => JsonMarshal.GetRawUtf8Value(Json);

    /// <summary>The members after kind and apiVersion, and the closing brace.</summary>
    public ReadOnlySpan<byte> Rest => Utf8[restFrom..];

    /// <summary>What it costs to keep, roughly.</summary>
    public int Weight => Overhead + (2 * Utf8.Length);

    /// <summary>
    /// A document as it would be stored at a revision, which is part of it; of a new object that is only tried (dry run),
    /// revision 0, there is none.
    /// </summary>
    public static StoredObject Of(JsonObject document, long revision)
    {
        if (revision > 0)
            document.Section("metadata")["resourceVersion"] = revision.ToString(CultureInfo.InvariantCulture);
        else
            document.Section("metadata").Remove("resourceVersion");
        return new StoredObject(Encode(document), revision);
    }

    public string? Label(string key) => Json.Text("metadata", "labels", key);

    /// <summary>A copy to work on.</summary>
    public JsonObject Edit() => Json.ToNode();

    /// <summary>Key order is list order: by namespace, then by name, as etcd keeps them.</summary>
    public static string KeyOf(string ns, string name) => ns.Length == 0 ? name : ns + "/" + name;

    /// <summary>The bytes live until the thread's next call.</summary>
    private static ReadOnlySpan<byte> Encode(JsonObject document)
    {
        var buffer = scratch is { Capacity: < 1 << 20 } kept ? kept : scratch = new ArrayBufferWriter<byte>(16 * 1024);
        buffer.ResetWrittenCount();
        using (var writer = JsonAccess.NewWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("kind", document.Text("kind") ?? "");
            writer.WriteString("apiVersion", document.Text("apiVersion") ?? "");
            foreach (var (name, value) in document)
            {
                if (name is "kind" or "apiVersion")
                    continue;
                writer.WritePropertyName(name);
                if (value is null)
                    writer.WriteNullValue();
                else
                    value.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan;
    }

    private static int EndOfType(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        // { "kind" : … "apiVersion" : …, and the comma after it.
        for (var token = 0; token < 5; token++)
            reader.Read();
        return (int)reader.BytesConsumed + 1;
    }
}
