using System.Buffers.Binary;
using System.Net;

namespace Mesh.Local.Node.Network;

/// <summary>
/// Network is the node's own little world: one namespace with a bridge, a namespace for each pod joined to it, DNAT for the
/// ClusterIPs. What enters are names and objects, what leaves are addresses and rules inside namespaces this process holds.
/// The machine's own tables, routes and forwarding are read (to stay clear of them), never written.
/// </summary>
public readonly record struct Subnet(IPAddress Address, int Length)
{
    private uint First => ToNumber(Address) & Mask;

    private uint Mask => Length == 0 ? 0 : uint.MaxValue << (32 - Length);

    public bool Overlaps(Subnet other)
    {
        var common = Mask & other.Mask;
        return (First & common) == (other.First & common);
    }

    /// <summary>The address <paramref name="offset"/> places after the first of the subnet.</summary>
    public IPAddress At(uint offset) => FromNumber(First + offset);

    public uint Size => Length == 0 ? uint.MaxValue : 1u << (32 - Length);

    public override string ToString() => $"{FromNumber(First)}/{Length}";

    private static uint ToNumber(IPAddress address) => BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes());

    private static IPAddress FromNumber(uint number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return new IPAddress(bytes);
    }
}
