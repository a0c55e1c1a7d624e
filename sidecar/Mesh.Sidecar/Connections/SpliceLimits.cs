namespace Mesh.Sidecar.Connections;

/// <summary>How long a spliced connection may live.</summary>
/// <param name="Idle">Without a byte either way; zero: for ever.</param>
/// <param name="Age">In all; <c>null</c>: for ever.</param>
public readonly record struct SpliceLimits(TimeSpan Idle, TimeSpan? Age)
{
    /// <summary>Envoy's and so Istio's: an hour idle, any age.</summary>
    public static SpliceLimits Default { get; } = new(TimeSpan.FromHours(1), null);
}
