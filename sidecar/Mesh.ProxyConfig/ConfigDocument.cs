using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace Mesh.Config;

/// <summary>
/// The document that travels: <c>{"manifest": {...}, "sections": {"NAME": {...}}}</c>. In a ConfigMap it holds every section;
/// in a push only those the proxy lacks. Section bytes are copied in as they are, so their hashes stay true.
/// </summary>
public static class ConfigDocument
{
    /// <summary>The manifest for these sections.</summary>
    public static Manifest ManifestOf(IEnumerable<Section> sections, long revision, string podUid)
    {
        var refs = sections.Select(s => s.Ref).OrderBy(r => r.Name, StringComparer.Ordinal).ToImmutableArray();
        return new Manifest
        {
            FormatVersion = ProxyConfig.CurrentFormatVersion,
            Revision = revision,
            PodUid = podUid,
            Hash = HashOf(refs),
            Sections = refs,
        };
    }

    /// <summary>Hash over names and hashes, in the order given (by name).</summary>
    public static string HashOf(ImmutableArray<SectionRef> sections)
    {
        // One run over one buffer: the operator does this for every pod when an endpoint changes.
        var text = ArrayPool<byte>.Shared.Rent(sections.Sum(section => Encoding.UTF8.GetMaxByteCount(section.Name.Length + section.Hash.Length) + 2));
        var length = 0;
        foreach (var section in sections)
        {
            length += Encoding.UTF8.GetBytes(section.Name, text.AsSpan(length));
            text[length++] = (byte)'\n';
            length += Encoding.UTF8.GetBytes(section.Hash, text.AsSpan(length));
            text[length++] = (byte)'\n';
        }

        var hash = Section.HashOf(text.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(text);
        return hash;
    }

    /// <summary>Writes manifest and sections.</summary>
    public static byte[] Write(Manifest manifest, IEnumerable<Section> sections)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WritePropertyName("manifest");
            JsonSerializer.Serialize(writer, manifest, ProxyConfigJson.Default.Manifest);
            writer.WritePropertyName("sections");
            writer.WriteStartObject();
            foreach (var section in sections.OrderBy(s => s.Name, StringComparer.Ordinal))
            {
                writer.WritePropertyName(section.Name);
                writer.WriteRawValue(section.Json.Span, skipInputValidation: true);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return stream.ToArray();
    }
}
