using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Mesh.Local.ApiServer.Kinds;

/// <summary>The addresses and node ports that Services hold. The first address is the API server's own Service.</summary>
internal sealed class ServiceAddresses(IPNetwork network)
{
    private const int FirstNodePort = 30000;
    private const int LastNodePort = 32767;
    private readonly Lock gate = new();
    private readonly HashSet<IPAddress> taken = [];
    private readonly HashSet<int> ports = [];

    public IPNetwork Network { get; } = network;

    public IPAddress First => Offset(1);

    public bool TryTake(IPAddress address)
    {
        lock (gate)
            return Network.Contains(address) && taken.Add(address);
    }

    /// <summary>A free one, chosen by chance so that a new Service seldom gets the address an old one just gave back.</summary>
    public IPAddress? Take()
    {
        var size = (1u << (Network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? 32 - Network.PrefixLength : 16)) - 2;
        lock (gate)
        {
            var start = (uint)RandomNumberGenerator.GetInt32((int)size);
            for (uint i = 0; i < size; i++)
            {
                var candidate = Offset(2 + ((start + i) % (size - 1)));
                if (taken.Add(candidate))
                    return candidate;
            }
        }

        return null;
    }

    public static bool IsNodePort(long port) => port is >= FirstNodePort and <= LastNodePort;

    public int? TakePort()
    {
        lock (gate)
        {
            var count = LastNodePort - FirstNodePort + 1;
            var start = RandomNumberGenerator.GetInt32(count);
            for (var i = 0; i < count; i++)
            {
                var port = FirstNodePort + ((start + i) % count);
                if (ports.Add(port))
                    return port;
            }
        }

        return null;
    }

    public bool TryTakePort(int port)
    {
        lock (gate)
            return port is >= FirstNodePort and <= LastNodePort && ports.Add(port);
    }

    public void Free(IPAddress address)
    {
        lock (gate)
            taken.Remove(address);
    }

    public void FreePort(int port)
    {
        lock (gate)
            ports.Remove(port);
    }

    private IPAddress Offset(uint offset)
    {
        var bytes = Network.BaseAddress.GetAddressBytes();
        for (var i = bytes.Length - 1; i >= 0 && offset > 0; i--)
        {
            offset += bytes[i];
            bytes[i] = (byte)offset;
            offset >>= 8;
        }

        return new IPAddress(bytes);
    }
}
