using Mesh.Sidecar.Config;

namespace Mesh.Sidecar.Balancing;

/// <summary>
/// Equal weights: the less busy of two drawn at random, which avoids the herd that a full scan sends to the idlest member.
/// Unequal weights: drawn in proportion to weight / (active + 1), so a busy member is drawn less often.
/// </summary>
public sealed class LeastRequestBalancer : Balancer
{
    /// <inheritdoc/>
    public override CompiledEndpoint Pick(EndpointPool pool, Random random)
    {
        var members = pool.Members;
        if (members.Length == 1) return members[0];
        return pool.EqualWeights ? LessBusyOfTwo(pool, random) : ByWeightAndLoad(pool, random);
    }

    private static CompiledEndpoint LessBusyOfTwo(EndpointPool pool, Random random)
    {
        var members = pool.Members;
        var first = random.Next(members.Length);
        var second = random.Next(members.Length - 1);
        if (second >= first) second++;
        return members[second].State.Active < members[first].State.Active ? members[second] : members[first];
    }

    private static CompiledEndpoint ByWeightAndLoad(EndpointPool pool, Random random)
    {
        var total = 0.0;
        foreach (var member in pool.Members) total += Share(member);
        var ticket = random.NextDouble() * total;
        foreach (var member in pool.Members)
        {
            ticket -= Share(member);
            if (ticket < 0) return member;
        }

        // Counters moved between the two passes.
        return pool.Members[^1];
    }

    private static double Share(CompiledEndpoint member) => member.Weight / (Math.Max(0, member.State.Active) + 1.0);
}
