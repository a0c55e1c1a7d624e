using System.Collections.Frozen;
using System.Net;
using Mesh.Config;

namespace Mesh.Sidecar.Routing;

/// <summary>Finds the listener for an original destination: its address, else the longest network around it, else its port alone.</summary>
public sealed class ListenerTable
{
    private readonly FrozenDictionary<IPEndPoint, CompiledListener> byAddress;
    private readonly FrozenDictionary<int, (IPNetwork Network, CompiledListener Listener)[]> byNetwork;
    private readonly FrozenDictionary<int, CompiledListener> byPort;

    /// <summary>A table of these.</summary>
    public ListenerTable(IEnumerable<CompiledListener> listeners)
    {
        var addresses = new Dictionary<IPEndPoint, CompiledListener>();
        var networks = new List<(int Port, IPNetwork Network, CompiledListener Listener)>();
        var ports = new Dictionary<int, CompiledListener>();
        foreach (var listener in listeners)
        {
            var port = listener.Config.Port;
            if (listener.Config.Addresses.IsEmpty) ports.Add(port, listener);
            foreach (var text in listener.Config.Addresses)
            {
                if (!AddressRange.TryParse(text, out var range)) throw new FormatException($"'{text}' is no address range");
                if (IsOneAddress(range)) addresses.Add(new IPEndPoint(range.BaseAddress, port), listener);
                else networks.Add((port, range, listener));
            }
        }

        byAddress = addresses.ToFrozenDictionary();
        byPort = ports.ToFrozenDictionary();
        byNetwork = networks.GroupBy(entry => entry.Port).ToFrozenDictionary(
            group => group.Key,
            group => group.OrderByDescending(entry => entry.Network.PrefixLength).Select(entry => (entry.Network, entry.Listener)).ToArray());
    }

    /// <summary>The most specific one; <c>null</c> when none fits.</summary>
    public CompiledListener? Find(IPEndPoint destination)
    {
        var address = destination.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(destination.Address.MapToIPv4(), destination.Port) : destination;
        if (byAddress.TryGetValue(address, out var listener)) return listener;
        if (byNetwork.TryGetValue(destination.Port, out var networks))
        {
            foreach (var (network, candidate) in networks)
            {
                if (network.Contains(address.Address)) return candidate;
            }
        }

        return byPort.GetValueOrDefault(destination.Port);
    }

    private static bool IsOneAddress(IPNetwork range) =>
        range.PrefixLength == (range.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 32 : 128);
}
