using System.Buffers;
using System.Collections.Immutable;
using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Mesh.Config;

/// <summary>
/// The document that travels: <c>{"manifest": {...}, "sections": {"NAME": {...}}}</c>. In a ConfigMap it holds every section;
/// in a push only those the proxy lacks. Section bytes are copied in as they are, so their hashes stay true.
/// </summary>
public static class ConfigDocument
{
    // A document is a few MiB at most; this bounds what a broken or hostile gzip may unfold to.
    private const int MostBytes = 256 * 1024 * 1024;

    /// <summary>The manifest for these sections; its format is the oldest that has all that is in them.</summary>
    public static Manifest ManifestOf(IReadOnlyCollection<Section> sections, long revision, string podUid)
    {
        var refs = sections.Select(s => s.Ref).OrderBy(r => r.Name, StringComparer.Ordinal).ToImmutableArray();
        return new Manifest
        {
            FormatVersion = sections.Select(section => section.Format).DefaultIfEmpty(1).Max(),
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
    public static byte[] Write(Manifest manifest, IEnumerable<Section> sections) =>
        Write(manifest, sections.OrderBy(s => s.Name, StringComparer.Ordinal).Select(s => (s.Name, s.Json)));

    private static byte[] Write(Manifest manifest, IEnumerable<(string Name, ReadOnlyMemory<byte> Json)> sections)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WritePropertyName("manifest");
            JsonSerializer.Serialize(writer, manifest, ProxyConfigJson.Default.Manifest);
            writer.WritePropertyName("sections");
            writer.WriteStartObject();
            foreach (var (name, json) in sections)
            {
                writer.WritePropertyName(name);
                writer.WriteRawValue(json.Span, skipInputValidation: true);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return stream.ToArray();
    }

    /// <summary>
    /// Writes the whole document of a manifest from documents that hold its sections between them: what is pushed and what was
    /// there before. Section bytes are copied as they are.
    /// </summary>
    /// <returns>The document, or <c>null</c> when a section is in none of them.</returns>
    /// <exception cref="JsonException">One of them is no document.</exception>
    /// <exception cref="InvalidDataException">One of them is no document.</exception>
    public static byte[]? Complete(Manifest manifest, IEnumerable<ReadOnlyMemory<byte>> documents)
    {
        var found = new SortedDictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        var wanted = manifest.Sections.ToDictionary(section => section.Name, section => section.Hash, StringComparer.Ordinal);
        foreach (var document in documents)
        {
            foreach (var (name, bytes) in SectionsOf(Unfold(document)))
            {
                if (!found.ContainsKey(name) && wanted.TryGetValue(name, out var hash) && Section.HashOf(bytes.Span) == hash) found.Add(name, bytes);
            }
        }

        return found.Count == wanted.Count ? Write(manifest, found.Select(section => (section.Key, section.Value))) : null;
    }

    /// <summary>The document uncompressed; one that is not compressed is returned as it is.</summary>
    /// <exception cref="InvalidDataException">Not what gzip makes, or too long.</exception>
    internal static ReadOnlyMemory<byte> Unfold(ReadOnlyMemory<byte> document)
    {
        if (document.Span is not [0x1f, 0x8b, ..]) return document;
        using var gzip = new GZipStream(new MemoryStream(document.ToArray()), CompressionMode.Decompress);
        using var plain = new MemoryStream();
        var buffer = new byte[81920];
        for (int count; (count = gzip.Read(buffer)) > 0;)
        {
            plain.Write(buffer, 0, count);
            if (plain.Length > MostBytes) throw new InvalidDataException($"more than {MostBytes} bytes uncompressed");
        }

        return plain.ToArray();
    }

    private static IEnumerable<(string Name, ReadOnlyMemory<byte> Json)> SectionsOf(ReadOnlyMemory<byte> document) =>
        JsonObjectSlices.Of(document).Where(member => member.Name == "sections").SelectMany(member => JsonObjectSlices.Of(member.Value));
}
