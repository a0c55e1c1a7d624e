using System.Globalization;
using System.Text;
using k8s.Models;
using Mesh.Api;
using Mesh.Config;

namespace Mesh.Cli;

/// <summary>What of a pod's config record is compared with its proxy; the rest, which may be long, is not kept.</summary>
internal sealed record ProxyRecord
{
    /// <summary>0 when the record names none.</summary>
    public long Revision { get; init; }

    public string? Hash { get; init; }

    /// <summary>What the pod takes from its callers; null where the record cannot be read.</summary>
    public InboundConfig? Inbound { get; init; }

    public static ProxyRecord Of(V1ConfigMap record)
    {
        var document = record.Data?.TryGetValue(WellKnown.ConfigFile, out var text) == true ? Encoding.UTF8.GetBytes(text)
            : record.BinaryData?.TryGetValue(WellKnown.CompressedConfigFile, out var bytes) == true ? bytes : null;
        return new ProxyRecord
        {
            Revision = long.TryParse(Annotation(record, MeshLabels.RecordRevision), NumberStyles.None, CultureInfo.InvariantCulture, out var revision) ? revision : 0,
            Hash = Annotation(record, MeshLabels.Hash),
            Inbound = document is null ? null : ConfigReader.Read(document).Config?.Inbound,
        };
    }

    private static string? Annotation(V1ConfigMap record, string name) => record.Metadata.Annotations?.TryGetValue(name, out var value) == true ? value : null;
}
