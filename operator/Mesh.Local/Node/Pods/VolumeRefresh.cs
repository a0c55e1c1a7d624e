using k8s.Models;
using Mesh.Local.Node.Volumes;
using Microsoft.Extensions.Logging;

namespace Mesh.Local.Node.Pods;

/// <summary>Keeps a pod's volumes up to date as a kubelet does: at once when the pod's own object changes, else once a sync period.</summary>
internal sealed class VolumeRefresh(PodContext context, NodeServices services)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim _asked = new(0, 1);
    private string? _told;

    /// <summary>Status alone does not count: the node writes that itself.</summary>
    public static bool IsAsked(V1Pod before, V1Pod now) =>
        !Same(before.Metadata.Annotations, now.Metadata.Annotations) || !Same(before.Metadata.Labels, now.Metadata.Labels);

    public void Ask()
    {
        lock (_asked)
        {
            if (_asked.CurrentCount == 0) _asked.Release();
        }
    }

    public async Task RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                // Half a period of jitter, so that a node's pods do not all ask at once.
                await _asked.WaitAsync(Period * (1 + (services.Random.NextDouble() / 2)), cancellation);
                await context.Volumes.RefreshAsync(context.Pod, cancellation);
                _told = null;
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e) when (e is VolumeException or IOException or Operator.Runtime.ApiException or HttpRequestException or TimeoutException)
            {
                services.Log.LogDebug("Volumes of pod {Pod} are not up to date: {Why}", context.Pod.Metadata.Name, e.Message);
                if (_told != e.Message && e is VolumeException) context.Tell(null, true, "FailedMount", $"MountVolume.SetUp failed for volume {e.Message}");
                _told = e.Message;
            }
        }
    }

    private static bool Same(IDictionary<string, string>? a, IDictionary<string, string>? b) =>
        (a?.Count ?? 0) == (b?.Count ?? 0) && (a is null || a.All(pair => b!.TryGetValue(pair.Key, out var value) && value == pair.Value));
}
