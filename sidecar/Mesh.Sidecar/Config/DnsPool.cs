using System.Net;
using System.Net.Sockets;
using Mesh.Config;
using Mesh.Sidecar.Health;

namespace Mesh.Sidecar.Config;

/// <summary>The members of one cluster as DNS names them; looks them up until disposed.</summary>
internal sealed class DnsPool : IDisposable
{
    // The system's resolver tells no TTL; this is Envoy's default refresh rate.
    private static readonly TimeSpan Refresh = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RefreshAfterFailure = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource stopping = new();
    private readonly Dictionary<IPEndPoint, CompiledEndpoint> members = [];
    private readonly Cluster cluster;
    private readonly DnsPools.Resolver resolve;
    private readonly TimeProvider clock;
    private readonly ILogger log;
    private volatile EndpointPool current;
    private bool failing;

    public DnsPool(Cluster cluster, DnsPools.Resolver resolve, TimeProvider clock, ILogger log)
    {
        (this.cluster, this.resolve, this.clock, this.log) = (cluster, resolve, clock, log);
        current = new EndpointPool([]) { Failure = $"{cluster.DnsName} is not resolved yet" };
        _ = RunAsync();
    }

    public EndpointPool Current => current;

    public void Dispose() => stopping.Cancel();

    private async Task RunAsync()
    {
        try
        {
            while (true) await Task.Delay(await LookUpAsync().ConfigureAwait(false) ? Refresh : RefreshAfterFailure, clock, stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            Take([]);
        }
    }

    private async Task<bool> LookUpAsync()
    {
        try
        {
            var addresses = await resolve(cluster.DnsName, stopping.Token).ConfigureAwait(false);
            if (addresses.Length == 0) throw new SocketException((int)SocketError.NoData);
            Take(addresses);
            failing = false;
            return true;
        }
        catch (SocketException failure)
        {
            if (!failing) log.LogWarning("{Name} does not resolve: {Problem}", cluster.DnsName, failure.Message);
            failing = true;
            if (current.Members.IsEmpty) current = new EndpointPool([]) { Failure = $"{cluster.DnsName} does not resolve: {failure.Message}" };
            return false;
        }
    }

    private void Take(IPAddress[] addresses)
    {
        var told = addresses.Select(address => new IPEndPoint(address, cluster.Port)).ToHashSet();
        foreach (var (address, member) in members)
        {
            if (!told.Contains(address) && members.Remove(address)) member.State.Retire();
        }

        var changed = told.Count != current.Members.Length;
        foreach (var address in told)
        {
            changed |= members.TryAdd(address, new CompiledEndpoint(
                new Mesh.Config.Endpoint { Address = address.Address.ToString(), Port = address.Port },
                address,
                new EndpointState(cluster.Name, address) { MetAt = clock.GetTimestamp() }));
        }

        if (changed) current = new EndpointPool([.. members.Values.OrderBy(member => member.Config.Address, StringComparer.Ordinal)]);
    }
}
