using System.Threading.Channels;
using k8s.Models;
using Mesh.Local.Node.Linux;
using Microsoft.Extensions.Logging;

namespace Mesh.Local.Node.Network;

/// <summary>Keeps the node's rules equal to what the services and endpoints ask for; changes that come close together become one write.</summary>
internal sealed class ServiceProxy(
    NetworkNamespace network, Func<IEnumerable<V1Service>> services, Func<IEnumerable<V1EndpointSlice>> slices, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private string? _applied;

    public void Changed() => _changes.Writer.TryWrite(true);

    public async Task RunAsync(CancellationToken cancellation)
    {
        Changed();
        try
        {
            await foreach (var _ in _changes.Reader.ReadAllAsync(cancellation))
            {
                await Task.Delay(Quiet, time, cancellation);
                await ApplyAsync(cancellation);
            }
        }
        catch (OperationCanceledException)
        {
            // The node ends, and its rules with its namespace.
        }
    }

    private async Task ApplyAsync(CancellationToken cancellation)
    {
        var rules = ServiceRules.Render(services(), slices());
        if (rules == _applied) return;
        try
        {
            await Tool.RequireAsync(network, ["iptables-restore", "-w", "5"], rules, cancellation);
            _applied = rules;
        }
        catch (IOException e)
        {
            log.LogWarning("ClusterIP rules could not be written, trying again: {Why}", e.Message);
            await Task.Delay(Retry, time, cancellation);
            Changed();
        }
    }
}
