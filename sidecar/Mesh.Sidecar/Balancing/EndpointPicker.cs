using System.Net;
using Mesh.Config;
using Mesh.Sidecar.Config;

namespace Mesh.Sidecar.Balancing;

/// <summary>Chooses the member a try (or a TCP connection) is sent to; <c>null</c> when the cluster has none (UH).</summary>
public sealed class EndpointPicker(Random random)
{
    // As Envoy's host selection attempts: ask the algorithm again before looking for an untried member by hand.
    private const int Draws = 5;

    private static readonly TriedEndpoints None = new();

    /// <summary>A member for a connection.</summary>
    public CompiledEndpoint? Pick(CompiledCluster cluster, IPEndPoint? originalDestination) =>
        Pick(cluster, originalDestination, None);

    /// <summary>A member for a try; one that was not tried before, if there is any.</summary>
    public CompiledEndpoint? Pick(CompiledCluster cluster, IPEndPoint? originalDestination, TriedEndpoints tried)
    {
        if (cluster.Config.Discovery == Discovery.OriginalDestination)
            return originalDestination is null ? null : cluster.MemberAt(originalDestination);

        var pool = cluster.Pool;
        if (pool.Members.IsEmpty) return null;
        var member = cluster.Balancer.Pick(pool, random);
        return tried.Count == 0 || !tried.Contains(member) ? member : Another(cluster, pool, tried, member);
    }

    private CompiledEndpoint Another(CompiledCluster cluster, EndpointPool pool, TriedEndpoints tried, CompiledEndpoint fallback)
    {
        for (var draw = 1; draw < Draws; draw++)
        {
            var member = cluster.Balancer.Pick(pool, random);
            if (!tried.Contains(member)) return member;
        }

        var start = random.Next(pool.Members.Length);
        for (var i = 0; i < pool.Members.Length; i++)
        {
            var member = pool.Members[(start + i) % pool.Members.Length];
            if (!tried.Contains(member)) return member;
        }

        return fallback;
    }
}
