using Mesh.Sidecar.Config;
using Mesh.Sidecar.Connections;

namespace Mesh.Sidecar.Health;

/// <summary>
/// The active health checks of a proxy: one <see cref="ClusterCheck"/> for each cluster that has one, as long as config says so.
/// </summary>
public sealed class HealthChecks(MutualTlsClient mutualTls, Random random, TimeProvider time, ILogger<HealthChecks> log) : IAsyncDisposable
{
    private readonly Lock changing = new();
    private readonly Dictionary<string, ClusterCheck> checks = new(StringComparer.Ordinal);

    /// <summary>A new config is in force.</summary>
    public void OnSwapped(ProxySnapshot snapshot)
    {
        lock (changing)
        {
            var wanted = snapshot.Clusters.Where(cluster => cluster.Config.HealthCheck is not null).ToDictionary(cluster => cluster.Name, StringComparer.Ordinal);
            foreach (var (name, check) in checks)
            {
                if (wanted.TryGetValue(name, out var cluster) && check.TryObey(cluster)) wanted.Remove(name);
                else if (checks.Remove(name)) check.Stop();
            }

            foreach (var (name, cluster) in wanted) checks.Add(name, new ClusterCheck(cluster, mutualTls, random, time, log));
        }
    }

    public async ValueTask DisposeAsync()
    {
        ClusterCheck[] running;
        lock (changing)
        {
            running = [.. checks.Values];
            checks.Clear();
        }

        foreach (var check in running) check.Stop();
        await Task.WhenAll(running.Select(check => check.Ended)).ConfigureAwait(false);
    }
}
