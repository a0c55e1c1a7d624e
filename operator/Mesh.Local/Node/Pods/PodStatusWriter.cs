using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Mesh.Local.Node.Pods;

/// <summary>Writes a pod's status whenever it is not what was last written; changes that come while a write is under way become one.</summary>
internal sealed class PodStatusWriter(NodeServices services, Func<V1Pod> pod, PodFacts facts, Func<IReadOnlyList<ContainerRecord>> containers)
{
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(500);

    private readonly System.Threading.Channels.Channel<bool> _changes = System.Threading.Channels.Channel.CreateBounded<bool>(
        new System.Threading.Channels.BoundedChannelOptions(1) { FullMode = System.Threading.Channels.BoundedChannelFullMode.DropWrite });

    private string? _written;

    public void Changed() => _changes.Writer.TryWrite(true);

    /// <summary>Ends the loop after what is known now has been written.</summary>
    public void Finish()
    {
        Changed();
        _changes.Writer.TryComplete();
    }

    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            Changed();
            await foreach (var _ in _changes.Reader.ReadAllAsync(cancellation))
            {
                while (!await WriteAsync(cancellation)) await Task.Delay(Retry, services.Time, cancellation);
            }
        }
        catch (OperationCanceledException)
        {
            // The node ends; nobody reads its status any more.
        }
    }

    /// <summary>True when the status is written, or the pod is gone.</summary>
    private async Task<bool> WriteAsync(CancellationToken cancellation)
    {
        var current = pod();
        var status = PodStatusPlan.Build(current, facts, containers(), services.Time.GetUtcNow().UtcDateTime);
        var text = KubernetesJson.Serialize(status);
        if (text == _written) return true;
        try
        {
            await services.Api.WriteStatus(current, status, cancellation);
            _written = text;
            return true;
        }
        catch (Exception e) when (e is Operator.Runtime.ApiException or HttpRequestException or TimeoutException or IOException)
        {
            services.Log.LogWarning("Status of pod {Pod} could not be written, trying again: {Why}", current.Metadata.Name, e.Message);
            return false;
        }
    }
}
