using Mesh.Sidecar.Config;

namespace Mesh.Sidecar.Balancing;

/// <summary>A pool and its share of the traffic.</summary>
/// <param name="Pool">Members that are used.</param>
/// <param name="UpTo">Its share added to those before.</param>
public readonly record struct PoolShare(EndpointPool Pool, double UpTo);
