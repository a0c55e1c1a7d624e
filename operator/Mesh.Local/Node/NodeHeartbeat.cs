using k8s.Models;
using Mesh.Local.Node.Network;
using Mesh.Operator.Runtime;
using Microsoft.Extensions.Logging;

namespace Mesh.Local.Node;

/// <summary>
/// Makes the node known and keeps it known: the Node and its status at the start, then a Lease renewed every ten seconds as a
/// kubelet does, and the status again when somebody called the node unready in between, or five minutes have passed.
/// </summary>
internal sealed class NodeHeartbeat(NodeIdentity identity, AddressPlan plan, KubernetesApi api, TimeProvider time, ILogger log)
{
    public const string LeaseNamespace = "kube-node-lease";
    private const int LeaseSeconds = 40;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StatusPeriod = TimeSpan.FromMinutes(5);

    private long _told;
    private long _renewed;

    /// <exception cref="ApiException">The API server refuses the node.</exception>
    public async Task RegisterAsync(CancellationToken cancellation)
    {
        var node = await api.GetAsync<V1Node>(identity.Name, null, cancellation)
            ?? await api.CreateAsync(NodeObject.Build(identity, plan), cancellation);
        await TellAsync(node, cancellation);
        await RenewAsync(node, cancellation);
    }

    /// <summary>Until cancelled; what the API server does not take is tried again at the next beat.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                // At once when the node was away.
                if (time.GetElapsedTime(_renewed) >= Period) await BeatAsync(cancellation);
                await Task.Delay(Period, time, cancellation);
            }
        }
        catch (OperationCanceledException)
        {
            // The node ends; its lease runs out.
        }
    }

    private async Task BeatAsync(CancellationToken cancellation)
    {
        try
        {
            var node = await api.GetAsync<V1Node>(identity.Name, null, cancellation);
            if (node is null)
            {
                // Deleted by hand: a kubelet comes back only when it is started again, and so does this one.
                log.LogWarning("Node {Node} is no longer in the API", identity.Name);
                return;
            }

            await RenewAsync(node, cancellation);
            var ready = node.Status?.Conditions?.FirstOrDefault(c => c.Type == "Ready")?.Status == "True";
            if (!ready || time.GetElapsedTime(_told) >= StatusPeriod) await TellAsync(node, cancellation);
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or TimeoutException or IOException)
        {
            log.LogDebug("Node {Node} could not renew its lease: {Why}", identity.Name, e.Message);
        }
    }

    private async Task TellAsync(V1Node node, CancellationToken cancellation)
    {
        var status = NodeObject.Status(identity, plan, node, time.GetUtcNow().UtcDateTime);
        await api.PatchAsync<V1Node>(EntityKey.Of(node.Metadata), new { status }, "status", cancellation);
        _told = time.GetTimestamp();
    }

    private async Task RenewAsync(V1Node node, CancellationToken cancellation)
    {
        var spec = new { holderIdentity = identity.Name, leaseDurationSeconds = LeaseSeconds, renewTime = Micro(time.GetUtcNow()) };
        try
        {
            await api.PatchAsync<V1Lease>(new EntityKey(LeaseNamespace, identity.Name), new { spec }, null, cancellation);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            await api.CreateAsync(new V1Lease
            {
                Metadata = new V1ObjectMeta
                {
                    Name = identity.Name,
                    NamespaceProperty = LeaseNamespace,
                    OwnerReferences = [new V1OwnerReference { ApiVersion = "v1", Kind = "Node", Name = identity.Name, Uid = node.Metadata.Uid }],
                },
                Spec = new V1LeaseSpec { HolderIdentity = identity.Name, LeaseDurationSeconds = LeaseSeconds, RenewTime = time.GetUtcNow().UtcDateTime },
            }, cancellation);
        }

        _renewed = time.GetTimestamp();
    }

    /// <summary>A Lease's times have exactly six digits behind the second.</summary>
    private static string Micro(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
