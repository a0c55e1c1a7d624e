namespace Mesh.Local.ApiServer.Resources;

/// <summary>Where a kind keeps what its scale subresource shows (dotted paths, without the leading dot).</summary>
internal sealed record ScalePaths(string SpecReplicas, string StatusReplicas, string? Selector)
{
    public static ScalePaths Workload { get; } = new("spec.replicas", "status.replicas", "spec.selector");
}
