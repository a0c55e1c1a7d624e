using Mesh.Sidecar.Config;

namespace Mesh.Sidecar.Balancing;

/// <summary>By a key of the request; at random, by weight, where the request has none.</summary>
public sealed class ConsistentHashBalancer : Balancer
{
    private readonly RandomBalancer keyless = new();

    /// <inheritdoc/>
    public override CompiledEndpoint Pick(EndpointPool pool, Random random) => keyless.Pick(pool, random);

    /// <inheritdoc/>
    public override CompiledEndpoint Pick(EndpointPool pool, Random random, ulong hash) => pool.Table?.Find(hash) ?? Pick(pool, random);
}
