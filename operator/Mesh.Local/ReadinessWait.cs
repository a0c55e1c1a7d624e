using System.Net;
using System.Net.Sockets;
using k8s.Models;
using Mesh.Local.Controllers;
using Mesh.Local.Node.Network;
using Mesh.Operator.Runtime;

namespace Mesh.Local;

/// <summary>Waits for what a start waits for: the operator's webhook, then every pod.</summary>
internal sealed class ReadinessWait(Fabric fabric, ClusterView view, KubernetesApi api, MeshNodes nodes, MeshOptions options, Action<string> say)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Pods made before the injection webhook answers would have no sidecar; so everything waits for it.</summary>
    public async Task<bool> OperatorAsync(CancellationToken cancellation)
    {
        say("waiting for the operator ...");
        var until = options.Time.GetUtcNow() + options.Patience;
        while (options.Time.GetUtcNow() < until)
        {
            var hooks = await api.ListAsync<V1MutatingWebhookConfiguration>(cancellationToken: cancellation);
            if (hooks.Any(h => h.Webhooks?.All(w => w.ClientConfig.CaBundle is { Length: > 0 }) == true) && await AnswersAsync(cancellation)) return true;
            await Task.Delay(Pause, options.Time, cancellation);
        }

        return false;
    }

    /// <summary>Until all pods are ready; returns what keeps those that are not.</summary>
    public async Task<IReadOnlyList<string>> PodsAsync(IReadOnlyList<Manifest> applied, CancellationToken cancellation)
    {
        var until = options.Time.GetUtcNow() + options.Patience;
        var stuck = 0;
        var said = "";
        while (true)
        {
            var report = Readiness.Look(view, applied, pod => nodes.Find(pod.Metadata.NamespaceProperty, pod.Metadata.Name)?.Problem);
            if (report.Waiting.IsEmpty) return [];
            var line = $"{report.Ready} of {report.All} pods ready";
            if (line != said) say(said = line);
            // A few seconds in a row, since a pod can look stuck between two tries.
            stuck = report.IsStuck ? stuck + 1 : 0;
            if (stuck > 50 || options.Time.GetUtcNow() > until) return report.Waiting;
            await Task.Delay(Pause, options.Time, cancellation);
        }
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellation)
    {
        try
        {
            using var socket = await fabric.Sockets.ConnectAsync(new IPEndPoint(fabric.Address, OperatorProcess.WebhookPort), cancellation);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
