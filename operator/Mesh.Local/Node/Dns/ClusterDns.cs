using System.Net;
using System.Net.Sockets;
using ARSoft.Tools.Net;
using ARSoft.Tools.Net.Dns;
using Mesh.Local.Node.Linux;
using Microsoft.Extensions.Logging;

namespace Mesh.Local.Node.Dns;

/// <summary>The node's name server: listens inside the node's namespace, answers the cluster's names itself and passes others on.</summary>
internal sealed class ClusterDns : IDisposable
{
    /// <summary>Short, as a pod's endpoints come and go: the client's next question sees the change.</summary>
    private const int TimeToLive = 5;

    private static readonly DomainName Root = DomainName.Parse(ClusterZone.Domain);

    private readonly ClusterZone _zone;
    private readonly HostResolver _host;
    private readonly ILogger _log;
    private readonly DnsServer _server;

    private ClusterDns(IPAddress address, ClusterZone zone, HostResolver host, ILogger log)
    {
        (_zone, _host, _log) = (zone, host, log);
        _server = new DnsServer(new UdpServerTransport(address), new TcpServerTransport(address));
        _server.QueryReceived += AnswerAsync;
        _server.ExceptionThrown += (_, e) =>
        {
            _log.LogDebug("A DNS query failed: {Why}", e.Exception.Message);
            return Task.CompletedTask;
        };
    }

    /// <summary>Starts on a thread inside the namespace, so that the sockets belong to it.</summary>
    public static ClusterDns Start(NetworkNamespace network, IPAddress address, ClusterZone zone, HostResolver host, ILogger log) =>
        network.Run(() =>
        {
            var server = new ClusterDns(address, zone, host, log);
            server._server.Start();
            return server;
        });

    public void Dispose() => _server.Stop();

    private async Task AnswerAsync(object sender, QueryReceivedEventArgs e)
    {
        if (e.Query is not DnsMessage query || query.Questions.Count != 1) return;
        var question = query.Questions[0];
        var response = query.CreateResponseInstance();
        e.Response = response;
        response.IsRecursionAllowed = true;
        var name = question.Name.ToString().TrimEnd('.');
        if (ClusterZone.Covers(name)) await AnswerAsync(response, question, name);
        else await PassOnAsync(response, question);
    }

    private async Task AnswerAsync(DnsMessage response, DnsQuestion question, string name)
    {
        response.IsAuthoritiveAnswer = true;
        if (_zone.Find(name) is not { } found)
        {
            response.ReturnCode = ReturnCode.NxDomain;
            response.AuthorityRecords.Add(Soa());
            return;
        }

        if (found.Alias is { } alias) await AddAliasAsync(response, question, alias);
        foreach (var record in Records(found, question)) response.AnswerRecords.Add(record);
        if (response.AnswerRecords.Count == 0) response.AuthorityRecords.Add(Soa());
    }

    /// <summary>The alias and what stands behind it: a pod's resolver does not ask a second time.</summary>
    private async Task AddAliasAsync(DnsMessage response, DnsQuestion question, string alias)
    {
        var target = DomainName.Parse(alias);
        var next = new DnsQuestion(target, question.RecordType, question.RecordClass);
        response.AnswerRecords.Add(new CNameRecord(question.Name, TimeToLive, target));
        if (!ClusterZone.Covers(alias)) response.AnswerRecords.AddRange((await _host.AskAsync(next, CancellationToken.None))?.AnswerRecords ?? []);
        else if (_zone.Find(alias) is { Alias: null } found) response.AnswerRecords.AddRange(Records(found, next));
    }

    private static IEnumerable<DnsRecordBase> Records(ZoneAnswer found, DnsQuestion question) => question.RecordType switch
    {
        RecordType.A => found.Addresses.Where(a => a.AddressFamily == AddressFamily.InterNetwork).Select(a => new ARecord(question.Name, TimeToLive, a)),
        RecordType.Aaaa => found.Addresses.Where(a => a.AddressFamily == AddressFamily.InterNetworkV6).Select(a => new AaaaRecord(question.Name, TimeToLive, a)),
        RecordType.Srv => found.Services.Select(s => new SrvRecord(question.Name, TimeToLive, 0, (ushort)(100 / found.Services.Count), (ushort)s.Port, DomainName.Parse(s.Target))),
        _ => [],
    };

    private static SoaRecord Soa() => new(Root, TimeToLive, DomainName.Parse("ns.dns." + ClusterZone.Domain), DomainName.Parse("hostmaster." + ClusterZone.Domain), 1, 7200, 1800, 86400, TimeToLive);

    private async Task PassOnAsync(DnsMessage response, DnsQuestion question)
    {
        var answer = await _host.AskAsync(question, CancellationToken.None);
        if (answer is null)
        {
            response.ReturnCode = ReturnCode.ServerFailure;
            return;
        }

        response.ReturnCode = answer.ReturnCode;
        response.AnswerRecords.AddRange(answer.AnswerRecords);
        response.AuthorityRecords.AddRange(answer.AuthorityRecords);
    }
}
