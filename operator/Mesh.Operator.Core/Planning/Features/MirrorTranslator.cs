using System.Collections.Immutable;
using Mesh.Api.Networking;
using Mesh.Config;

namespace Mesh.Operator.Core.Planning.Features;

/// <summary>A rule's mirrors -> clusters that are sent copies.</summary>
internal static class MirrorTranslator
{
    /// <param name="http">The rule.</param>
    /// <param name="resolve">Destination to cluster; a broken one is sent nothing.</param>
    public static ImmutableArray<Mirror> Translate(HttpRoute http, Func<Destination, WeightedCluster> resolve) =>
    [
        .. Named(http).Where(mirror => mirror.Percent > 0)
            .Select(mirror => (Cluster: resolve(mirror.Destination), mirror.Percent))
            .Where(mirror => mirror.Cluster.Broken is null)
            .Select(mirror => new Mirror { Cluster = mirror.Cluster.Cluster, Percent = Math.Min(mirror.Percent, 100) }),
    ];

    // Without a percentage every request is copied.
    private static IEnumerable<(Destination Destination, double Percent)> Named(HttpRoute http)
    {
        if (http.Mirror is { } one)
            yield return (one, http.MirrorPercentage is { } share ? share.Value ?? 0 : http.MirrorPercent ?? 100);
        foreach (var mirror in http.Mirrors)
            if (mirror.Destination is { } destination) yield return (destination, mirror.Percentage is { } part ? part.Value ?? 0 : 100);
    }
}
