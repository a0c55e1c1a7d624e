using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Mesh.Config;

namespace Mesh.Sidecar.Telemetry;

/// <summary>How the lines of the access log look: Istio's own, or as the mesh's settings say.</summary>
public sealed class AccessLogLayout
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly bool json;
    private readonly ImmutableArray<FormatPiece> text = [];
    private readonly JsonLayout? members;

    private AccessLogLayout(MeshSettings mesh)
    {
        json = mesh.AccessLogJson;
        if (mesh.AccessLogFormat.Length == 0) return;
        if (json) members = JsonLayout.Of(mesh.AccessLogFormat);
        else text = FormatText.Parse(mesh.AccessLogFormat.EndsWith('\n') ? mesh.AccessLogFormat : mesh.AccessLogFormat + "\n");
    }

    /// <summary>Istio's own, as text.</summary>
    public static AccessLogLayout Default { get; } = new(new MeshSettings());

    /// <summary>The one that valid settings ask for.</summary>
    public static AccessLogLayout Of(MeshSettings mesh) => new(mesh);

    /// <summary>Writes one line, line feed included.</summary>
    public void Write(ArrayBufferWriter<byte> to, in AccessLogEntry entry)
    {
        if (members is not null) WriteJson(to, members, entry);
        else if (text.IsEmpty) AccessLogFormat.Write(to, entry, json);
        else foreach (var piece in text) Encoding.UTF8.GetBytes(TextOf(piece, entry), to);
    }

    /// <summary>A piece of a line; what has no value is a dash.</summary>
    internal static string TextOf(FormatPiece piece, in AccessLogEntry entry)
    {
        if (piece.Operator.Length == 0) return piece.Literal;
        return FormatOperators.Value(piece, entry) is { Length: > 0 } value ? value : "-";
    }

    private static void WriteJson(ArrayBufferWriter<byte> to, JsonLayout layout, in AccessLogEntry entry)
    {
        using (var writer = new Utf8JsonWriter(to, Relaxed)) layout.Write(writer, entry);
        to.Write("\n"u8);
    }
}
