using System.Globalization;
using System.Net;
using Mesh.Config;

namespace Mesh.Init;

/// <summary>
/// The IPv6 address the sidecar dials its application from. 127.0.0.6 is on loopback by itself, since IPv4 loopback is a
/// whole range; IPv6 has one address there, so ours must be added.
/// </summary>
public static class LoopbackAddress
{
    private static readonly string Address = $"{WellKnown.InboundSourceIPv6}/128";

    /// <summary>Adds it where it is missing.</summary>
    public static void Add()
    {
        if (Present()) return;
        Run("add", "nodad");
    }

    /// <summary>Removes it where it is there.</summary>
    public static void Remove()
    {
        if (Present()) Run("del");
    }

    /// <summary>Whether this network namespace has IPv6 at all, and an address that others can reach.</summary>
    public static (bool Enabled, bool Reachable) IPv6State()
    {
        if (!File.Exists("/proc/net/if_inet6")) return (false, false);
        var addresses = Addresses().ToList();
        return (addresses.Count > 0, addresses.Exists(a => !IPAddress.IsLoopback(a) && !a.IsIPv6LinkLocal
            && !a.Equals(IPAddress.Parse(WellKnown.InboundSourceIPv6))));
    }

    private static bool Present() => Addresses().Contains(IPAddress.Parse(WellKnown.InboundSourceIPv6));

    /// <summary>Each line of if_inet6 begins with the address in 32 hexadecimal digits.</summary>
    private static IEnumerable<IPAddress> Addresses() => File.ReadLines("/proc/net/if_inet6")
        .Select(line => new IPAddress(Convert.FromHexString(line.AsSpan(0, 32)), ScopeOf(line)));

    private static long ScopeOf(string line) =>
        line.StartsWith("fe80", StringComparison.Ordinal) ? long.Parse(line.Split(' ')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture) : 0;

    private static void Run(string verb, params string[] flags)
    {
        var run = ProgramRun.Of("ip", ["-6", "addr", verb, Address, "dev", "lo", .. flags])
            ?? throw new InitFailure(InitFailure.NotApplied, "ip is missing: the image of this container needs the package iproute2");
        if (run.ExitCode != 0)
            throw new InitFailure(InitFailure.NotApplied, $"could not {verb} {Address} on lo: {run.Error.Trim()}");
    }
}
