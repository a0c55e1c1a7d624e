using System.Globalization;
using System.IO.Compression;
using k8s.Models;
using Mesh.Api;
using Mesh.Config;

namespace Mesh.Operator.Sinks;

/// <summary>The ConfigMap of an order, and whether a ConfigMap still holds it.</summary>
public static class RecordDocument
{
    /// <summary>Kubernetes refuses objects past 1 MiB; base64 and metadata take their part.</summary>
    public const int LargestCompressed = 700 * 1024;

    public static V1ConfigMap Write(RecordOrder order, long revision, V1ObjectMeta? existing)
    {
        var document = Bytes(order, revision);
        var map = new V1ConfigMap
        {
            Metadata = new V1ObjectMeta
            {
                Name = order.ConfigName,
                NamespaceProperty = order.Pod.Namespace,
                ResourceVersion = existing?.ResourceVersion,
                Uid = existing?.Uid,
                Labels = new Dictionary<string, string>(existing?.Labels ?? new Dictionary<string, string>())
                {
                    [MeshLabels.Record] = MeshLabels.RecordProxyConfig,
                    [MeshLabels.ManagedBy] = MeshLabels.ManagedByOperator,
                },
                Annotations = new Dictionary<string, string>(existing?.Annotations ?? new Dictionary<string, string>())
                {
                    [MeshLabels.Hash] = order.Hash,
                    [MeshLabels.RecordRevision] = revision.ToString(CultureInfo.InvariantCulture),
                },
                Finalizers = existing?.Finalizers,
                OwnerReferences = [new V1OwnerReference { ApiVersion = "v1", Kind = V1Pod.KubeKind, Name = order.Pod.Name, Uid = order.PodUid }],
            },
        };
        if (document.Length <= WellKnown.CompressAbove)
        {
            map.Data = new Dictionary<string, string> { [WellKnown.ConfigFile] = System.Text.Encoding.UTF8.GetString(document) };
            return map;
        }

        var compressed = Compress(document);
        if (compressed.Length > LargestCompressed)
            throw new RecordTooLargeException(document.Length, compressed.Length);
        map.BinaryData = new Dictionary<string, byte[]> { [WellKnown.CompressedConfigFile] = compressed };
        return map;
    }

    /// <summary>Whether the content is what this order at this revision gives, whatever annotations say.</summary>
    public static bool Holds(V1ConfigMap map, RecordOrder order, long revision)
    {
        var expected = Bytes(order, revision);
        if (expected.Length <= WellKnown.CompressAbove)
            return map.BinaryData is null or { Count: 0 } && map.Data is { Count: 1 } data && data.TryGetValue(WellKnown.ConfigFile, out var text)
                && System.Text.Encoding.UTF8.GetBytes(text).AsSpan().SequenceEqual(expected);
        return map.Data is null or { Count: 0 } && map.BinaryData is { Count: 1 } binary && binary.TryGetValue(WellKnown.CompressedConfigFile, out var bytes)
            && bytes.AsSpan().SequenceEqual(Compress(expected));
    }

    private static byte[] Bytes(RecordOrder order, long revision) =>
        ConfigDocument.Write(ConfigDocument.ManifestOf(order.Sections, revision, order.PodUid), order.Sections);

    private static byte[] Compress(byte[] document)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Optimal)) gzip.Write(document);
        return stream.ToArray();
    }
}
