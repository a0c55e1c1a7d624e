using System.Net;
using ARSoft.Tools.Net.Dns;

namespace Mesh.Local.Node.Dns;

/// <summary>
/// Asks the resolver this machine uses, from the machine's own network. Without one there is no answer, and after one that
/// did not come there is none for a while: a pod is told so at once rather than left waiting.
/// </summary>
internal sealed class HostResolver(DnsClient? client, TimeProvider time)
{
    private const int PatienceMilliseconds = 2000;
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    private long _silentUntil;

    public static HostResolver FromMachine(TimeProvider time)
    {
        const string path = "/etc/resolv.conf";
        var servers = !File.Exists(path) ? [] : File.ReadLines(path)
            .Select(line => line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words is ["nameserver", _, ..])
            .Select(words => IPAddress.TryParse(words[1], out var ip) ? ip : null)
            .OfType<IPAddress>()
            .Take(2)
            .ToArray();
        return new HostResolver(servers.Length == 0 ? null : new DnsClient(servers, PatienceMilliseconds), time);
    }

    /// <summary>The resolver's answer, or null when there is none.</summary>
    public async Task<DnsMessage?> AskAsync(DnsQuestion question, CancellationToken cancellation)
    {
        if (client is null || time.GetTimestamp() < Volatile.Read(ref _silentUntil)) return null;
        var answer = await client.ResolveAsync(question.Name, question.RecordType, question.RecordClass, null, cancellation);
        if (answer is null) Volatile.Write(ref _silentUntil, time.GetTimestamp() + (long)(Silence.TotalSeconds * time.TimestampFrequency));
        return answer;
    }
}
