using System.Collections.Immutable;
using System.Net;
using Mesh.Config;
using Mesh.Sidecar.Health;

namespace Mesh.Sidecar.Config;

/// <summary>The members of one cluster some of which are names; follows what these resolve to until disposed.</summary>
internal sealed class DnsPool : IDisposable
{
    private readonly Lock changing = new();
    private readonly Dictionary<IPEndPoint, CompiledEndpoint> members = [];
    private readonly Cluster cluster;
    private readonly ImmutableArray<(Mesh.Config.Endpoint Told, IPAddress? Address, WatchedName? Name)> targets;
    private readonly TimeProvider clock;
    private readonly Func<IPAddress, bool>? leadsBack;
    private volatile EndpointPool current = EndpointPool.Empty;
    private bool disposed;

    /// <param name="cluster">Whose members they are.</param>
    /// <param name="told">Addresses and names.</param>
    /// <param name="watch">Follows a name.</param>
    /// <param name="clock">Tells the time.</param>
    /// <param name="leadsBack">Addresses that are left out, as they lead to this proxy itself; <c>null</c>: none.</param>
    public DnsPool(Cluster cluster, ImmutableArray<Mesh.Config.Endpoint> told, Func<string, WatchedName> watch, TimeProvider clock, Func<IPAddress, bool>? leadsBack = null)
    {
        (this.cluster, this.clock, this.leadsBack) = (cluster, clock, leadsBack);
        targets = [.. told.Select(endpoint => IPAddress.TryParse(endpoint.Address, out var address) ? (endpoint, address, null) : (endpoint, (IPAddress?)null, (WatchedName?)watch(endpoint.Address)))];
        foreach (var name in Names) name.Changed += Refresh;
        Refresh();
    }

    public EndpointPool Current => current;

    /// <summary>Raised after each change of <see cref="Current"/>.</summary>
    public event Action? Changed;

    private IEnumerable<WatchedName> Names => targets.Select(target => target.Name).OfType<WatchedName>().Distinct();

    public void Dispose()
    {
        foreach (var name in Names) name.Changed -= Refresh;
        lock (changing)
        {
            disposed = true;
            foreach (var member in members.Values) member.State.Retire();
            members.Clear();
        }
    }

    private void Refresh()
    {
        // Told without the lock: whoever hears it may be about to dispose this pool.
        if (TryChange()) Changed?.Invoke();
    }

    private bool TryChange()
    {
        lock (changing)
        {
            if (disposed) return false;
            var (known, used) = (new Dictionary<IPEndPoint, Mesh.Config.Endpoint>(), new HashSet<IPEndPoint>());
            IPAddress? refused = null;
            foreach (var (endpoint, address, name) in targets)
            {
                var addresses = address is not null ? [address] : name!.State.Addresses;
                for (var i = 0; i < addresses.Length; i++)
                {
                    if (leadsBack?.Invoke(addresses[i]) == true)
                    {
                        refused = addresses[i];
                        continue;
                    }

                    var at = new IPEndPoint(addresses[i], endpoint.Port);
                    known.TryAdd(at, endpoint);
                    // The first one stands for all; connections to the others, used before, may go on.
                    if (i == 0 || cluster.Discovery != Discovery.DnsRoundRobin) used.Add(at);
                }
            }

            Follow(known);
            return Publish(used, refused);
        }
    }

    private void Follow(Dictionary<IPEndPoint, Mesh.Config.Endpoint> known)
    {
        foreach (var (address, member) in members)
        {
            if (!known.ContainsKey(address) && members.Remove(address)) member.State.Retire();
        }

        foreach (var (address, endpoint) in known)
        {
            if (members.ContainsKey(address)) continue;
            var state = new EndpointState(cluster.Name, address) { MetAt = clock.GetTimestamp(), TakesMutualTls = endpoint.MutualTls };
            members.Add(address, new CompiledEndpoint(endpoint with { Address = address.Address.ToString() }, address, state));
        }
    }

    private bool Publish(HashSet<IPEndPoint> used, IPAddress? refused)
    {
        // Nobody but one who has no address at all is a failure: the others carry the traffic.
        var failure = used.Count > 0 ? null
            : refused is not null ? $"{targets[0].Told.Address} is {refused}, which leads back to this proxy or nowhere"
            : Names.Select(name => name.State.Failure).FirstOrDefault(text => text is not null);
        var next = members.Where(member => used.Contains(member.Key)).Select(member => member.Value)
            .OrderBy(member => member.Config.Address, StringComparer.Ordinal).ThenBy(member => member.Config.Port).ToImmutableArray();
        if (next.SequenceEqual(current.Members) && current.Failure == failure) return false;
        current = new EndpointPool(next) { Failure = failure };
        return true;
    }
}
