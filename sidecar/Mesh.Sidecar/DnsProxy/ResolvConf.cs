using System.Collections.Immutable;
using System.Net;

namespace Mesh.Sidecar.DnsProxy;

/// <summary>What the pod's programs resolve names by (resolv.conf(5)): the sidecar's container has the same file.</summary>
/// <param name="Servers">The name servers, in the order they are asked in.</param>
/// <param name="Search">What programs append to short names, lower-case, without last dots.</param>
public sealed record ResolvConf(ImmutableArray<IPEndPoint> Servers, ImmutableArray<string> Search)
{
    private const int MostServers = 3;

    /// <summary>Knows nobody.</summary>
    public static ResolvConf Empty { get; } = new([], []);

    /// <summary>The file of this container; empty where there is none.</summary>
    public static ResolvConf OfContainer(string path)
    {
        try
        {
            return Read(File.ReadLines(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Empty;
        }
    }

    /// <summary>Reads its lines; of several search lists the last counts.</summary>
    public static ResolvConf Read(IEnumerable<string> lines)
    {
        var servers = ImmutableArray.CreateBuilder<IPEndPoint>();
        ImmutableArray<string> search = [];
        foreach (var line in lines)
        {
            var words = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            switch (words)
            {
                case ["nameserver", var text, ..] when servers.Count < MostServers && IPAddress.TryParse(text, out var address):
                    servers.Add(new IPEndPoint(address, 53));
                    break;
                case ["search" or "domain", ..]:
                    search = [.. words.Skip(1).Select(domain => domain.Trim('.').ToLowerInvariant()).Where(domain => domain.Length > 0)];
                    break;
            }
        }

        return new ResolvConf(servers.ToImmutable(), search);
    }
}
