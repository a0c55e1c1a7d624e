using System.Collections.Immutable;
using System.Net;

namespace Mesh.Init;

/// <summary>The name servers that the pod's programs ask: those of /etc/resolv.conf, the same file the application gets.</summary>
public static class NameServers
{
    private const string ResolvConf = "/etc/resolv.conf";

    // resolv.conf(5): the C library asks no more than three.
    private const int Most = 3;

    /// <summary>Reads the pod's file; none where there is none, and then there is nothing to capture.</summary>
    public static ImmutableArray<IPAddress> OfPod() => File.Exists(ResolvConf) ? Read(File.ReadLines(ResolvConf)) : [];

    /// <summary>The servers in these lines.</summary>
    public static ImmutableArray<IPAddress> Read(IEnumerable<string> lines)
    {
        var servers = ImmutableArray.CreateBuilder<IPAddress>();
        foreach (var line in lines)
        {
            if (line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries) is not ["nameserver", var text, ..]) continue;
            // A zone (fe80::1%eth0) cannot stand in a rule; the address without it says enough.
            var percent = text.IndexOf('%', StringComparison.Ordinal);
            if (IPAddress.TryParse(percent < 0 ? text : text[..percent], out var server) && !servers.Contains(server)) servers.Add(server);
            if (servers.Count == Most) break;
        }
        return servers.ToImmutable();
    }
}
