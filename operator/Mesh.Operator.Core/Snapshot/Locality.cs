using Mesh.Api;

namespace Mesh.Operator.Core.Snapshot;

/// <summary>Where a workload stands; empty where unknown.</summary>
public sealed record Locality(string Region, string Zone, string SubZone)
{
    public static readonly Locality Unknown = new("", "", "");

    /// <summary>As a WorkloadEntry writes it: <c>region/zone/subzone</c>.</summary>
    public static Locality Parse(string text)
    {
        if (text.Length == 0) return Unknown;
        var parts = text.Split('/', 3);
        return new Locality(parts[0], parts.Length > 1 ? parts[1] : "", parts.Length > 2 ? parts[2] : "");
    }

    /// <summary>A pod's own label first (<c>region.zone.subzone</c>, as a label holds no slash), else its node's.</summary>
    public static Locality Of(Workload? workload, MeshNode? node, string zone = "")
    {
        if (workload?.Labels[MeshLabels.Locality] is { Length: > 0 } label)
        {
            var parts = label.Split(label.Contains('/', StringComparison.Ordinal) ? '/' : '.', 3);
            return new Locality(parts[0], parts.Length > 1 ? parts[1] : "", parts.Length > 2 ? parts[2] : "");
        }

        return new Locality(node?.Region ?? "", zone.Length > 0 ? zone : node?.Zone ?? "", node?.SubZone ?? "");
    }
}
