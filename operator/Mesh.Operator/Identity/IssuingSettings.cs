using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Identity;

/// <summary>What the mesh-wide settings say about certificates.</summary>
internal static class IssuingSettings
{
    /// <summary>Life of a workload's certificate.</summary>
    public static TimeSpan LifeOf(MeshSnapshot snapshot) => snapshot.Settings.WorkloadCertificateLife;
}
