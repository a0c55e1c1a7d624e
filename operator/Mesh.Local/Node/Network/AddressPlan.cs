using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Mesh.Local.Node.Network;

/// <summary>The addresses of one mesh: pods and services from 10.0.0.0/8 where the machine has no route, IPv6 from a unique local prefix.</summary>
public sealed record AddressPlan
{
    /// <summary>Of several nodes each has a sixteenth of the pods' subnet; the last sixteenth is the control plane's.</summary>
    public const int MostNodes = 15;

    private const int PartBits = 4;

    public required Subnet Pods { get; init; }

    public required Subnet Services { get; init; }

    /// <summary>The first half of every pod's IPv6 address, ending in "::".</summary>
    public required string IPv6Prefix { get; init; }

    public IPAddress Node => Pods.At(1);

    public IPAddress NodeIPv6 => IPAddress.Parse(IPv6Prefix + "1");

    /// <summary>The plan of one of several nodes, counted from 0; <see cref="MostNodes"/> is the control plane's.</summary>
    public AddressPlan Part(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, MostNodes);
        var length = Pods.Length + PartBits;
        var group = IPv6Prefix.TrimEnd(':').LastIndexOf(':') + 1;
        var last = int.Parse(IPv6Prefix.AsSpan(group).TrimEnd(':'), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return this with
        {
            Pods = new Subnet(Pods.At((uint)index << (32 - length)), length),
            IPv6Prefix = $"{IPv6Prefix[..group]}{last | ((index + 1) << 8):x}::",
        };
    }

    /// <summary>
    /// The same name gets the same addresses each time, as long as the machine has no route there; meshes of different names
    /// mostly get different ones, though nothing depends on it.
    /// </summary>
    public static AddressPlan Choose(string meshName, IReadOnlyCollection<Subnet> routes)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(meshName));
        var start = BinaryPrimitives.ReadUInt16BigEndian(hash) % 96;
        for (var i = 0; i < 96; i++)
        {
            // 10.64/15 to 10.254/15: below lie the ranges most often used by office and container networks.
            var second = 64 + (2 * ((start + i) % 96));
            var both = new Subnet(new IPAddress([10, (byte)second, 0, 0]), 15);
            if (routes.Any(both.Overlaps)) continue;
            return new AddressPlan
            {
                Pods = new Subnet(new IPAddress([10, (byte)second, 0, 0]), 16),
                Services = new Subnet(new IPAddress([10, (byte)(second + 1), 0, 0]), 16),
                IPv6Prefix = $"fd{hash[2]:x2}:{hash[3]:x2}{hash[4]:x2}:{hash[5]:x2}{hash[6]:x2}:{second:x}::",
            };
        }

        throw new IOException("the machine has routes to all of 10.64.0.0-10.255.255.255; no subnet is left for a mesh");
    }

    /// <summary>The machine's IPv4 routes but the default one, as /proc/net/route tells them.</summary>
    public static IReadOnlyCollection<Subnet> ReadRoutes(IEnumerable<string> lines) =>
        lines.Skip(1)
            .Select(line => line.Split('\t', StringSplitOptions.TrimEntries))
            .Where(fields => fields.Length > 7 && fields[7] != "00000000")
            .Select(fields => new Subnet(Address(fields[1]), System.Numerics.BitOperations.PopCount(Number(fields[7]))))
            .ToArray();

    /// <summary>The kernel prints addresses as numbers in its own byte order: little endian wherever .NET runs on Linux.</summary>
    private static IPAddress Address(string hex)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Number(hex));
        return new IPAddress(bytes);
    }

    private static uint Number(string hex) => uint.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
