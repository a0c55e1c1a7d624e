using System.Net;
using Mesh.Config;
using Mesh.Sidecar.Health;

namespace Mesh.Sidecar.Config;

/// <summary>The pools of clusters whose members come from DNS.</summary>
public sealed class DnsPools
{
    /// <summary>Where the current members of this cluster are found.</summary>
    public Func<EndpointPool> PoolOf(Cluster cluster, Func<IPEndPoint, EndpointState> stateOf)
    {
        throw new NotImplementedException();
    }
}
