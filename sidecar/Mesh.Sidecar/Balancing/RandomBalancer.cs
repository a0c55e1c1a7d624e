using Mesh.Sidecar.Config;

namespace Mesh.Sidecar.Balancing;

/// <summary>At random, in proportion to the weights.</summary>
public sealed class RandomBalancer : Balancer
{
    /// <inheritdoc/>
    public override CompiledEndpoint Pick(EndpointPool pool, Random random)
    {
        var members = pool.Members;
        if (pool.EqualWeights) return members[random.Next(members.Length)];
        var ticket = random.NextInt64(pool.TotalWeight);
        foreach (var member in members)
        {
            ticket -= member.Weight;
            if (ticket < 0) return member;
        }

        return members[^1];
    }
}
