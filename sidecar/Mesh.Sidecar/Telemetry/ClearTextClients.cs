using System.Collections.Immutable;
using System.Net;
using Mesh.Config;

namespace Mesh.Sidecar.Telemetry;

/// <summary>
/// Who reaches the application without mutual TLS: what there is to know before a user turns STRICT on. Bounded; those seen
/// last are kept.
/// </summary>
public sealed class ClearTextClients(TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly Dictionary<(IPAddress Address, int Port), Entry> clients = [];
    private long version;

    /// <summary>Raised after a client was seen for the first time, or again after it had been forgotten.</summary>
    public event Action? Added;

    /// <summary>Grows with each client that is new.</summary>
    public long Version => Volatile.Read(ref version);

    /// <summary>All of them, ordered by address and port.</summary>
    public ImmutableArray<ClearTextClient> Current
    {
        get
        {
            lock (gate)
            {
                return
                [
                    .. clients.Select(client => new ClearTextClient(client.Key.Address.ToString(), client.Key.Port, client.Value.Connections, Minute(client.Value.LastSeen)))
                        .OrderBy(client => client.Address, StringComparer.Ordinal).ThenBy(client => client.Port),
                ];
            }
        }
    }

    /// <summary>A connection of this peer to this port of the application. The pod itself, by loopback, does not count.</summary>
    public void Seen(IPEndPoint peer, int port)
    {
        if (IPAddress.IsLoopback(peer.Address)) return;
        var key = (peer.Address.IsIPv4MappedToIPv6 ? peer.Address.MapToIPv4() : peer.Address, port);
        lock (gate)
        {
            var now = time.GetUtcNow();
            if (clients.TryGetValue(key, out var known))
            {
                known.Connections++;
                known.LastSeen = now;
                return;
            }

            if (clients.Count >= ProxyReport.MostClearTextClients) clients.Remove(clients.MinBy(client => client.Value.LastSeen).Key);
            clients.Add(key, new Entry { Connections = 1, LastSeen = now });
            version++;
        }

        Added?.Invoke();
    }

    private static DateTimeOffset Minute(DateTimeOffset moment) => new(moment.UtcTicks - moment.UtcTicks % TimeSpan.TicksPerMinute, TimeSpan.Zero);

    private sealed class Entry
    {
        public long Connections { get; set; }

        public DateTimeOffset LastSeen { get; set; }
    }
}
