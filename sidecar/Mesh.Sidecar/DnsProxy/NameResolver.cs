using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Mesh.Sidecar.DnsProxy;

/// <summary>Decides who answers a query: the config's table or the pod's name servers.</summary>
public sealed class NameResolver(Func<NameTable?> table, ResolvConf pod, NameServers others, DnsCounts counts)
{
    private const ushort A = 1;
    private const ushort Aaaa = 28;

    // Queries under way at name servers; a pod's programs ask a few at a time.
    private const int MostUnderWay = 1024;

    private int underWay;
    private int turn;

    /// <summary>The answer to a message; <c>null</c>: none is given.</summary>
    public async ValueTask<byte[]?> AnswerAsync(ReadOnlyMemory<byte> message, bool tcp, CancellationToken cancellation)
    {
        if (DnsQuery.Read(message) is not { } query)
        {
            counts.CountDropped();
            return null;
        }

        if (FromTable(query, tcp) is { } answer)
        {
            counts.CountMesh();
            return answer;
        }

        return await PassOnAsync(query, message, tcp, cancellation);
    }

    // Other types of a name that we know (SRV, TXT, …) may well be known to others.
    private byte[]? FromTable(DnsQuery query, bool tcp)
    {
        if (!query.IsPlain || query.Type is not (A or Aaaa)) return null;
        if (table() is not { } names || names.Find(query.Name, pod.Search, out var alias) is not { } found) return null;
        var family = query.Type == A ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
        var limit = tcp ? NameServers.MostBytes : query.UdpLimit;
        return DnsAnswer.Write(query, alias, Turned(found, family), limit);
    }

    private async ValueTask<byte[]?> PassOnAsync(DnsQuery query, ReadOnlyMemory<byte> message, bool tcp, CancellationToken cancellation)
    {
        if (Interlocked.Increment(ref underWay) > MostUnderWay)
        {
            Interlocked.Decrement(ref underWay);
            counts.CountDropped();
            return null;
        }

        try
        {
            if (await others.AskAsync(query, message, tcp, cancellation) is { } answer)
            {
                counts.CountPassedOn();
                return answer;
            }

            counts.CountFailed();
            return DnsAnswer.Fail(query, DnsAnswer.ServerFailure);
        }
        finally
        {
            Interlocked.Decrement(ref underWay);
        }
    }

    // Most programs take the first address: each answer begins with another.
    private IPAddress[] Turned(ImmutableArray<IPAddress> addresses, AddressFamily family)
    {
        IPAddress[] fitting = [.. addresses.Where(address => address.AddressFamily == family)];
        if (fitting.Length < 2) return fitting;
        var first = (int)((uint)Interlocked.Increment(ref turn) % (uint)fitting.Length);
        return [.. fitting[first..], .. fitting[..first]];
    }
}
