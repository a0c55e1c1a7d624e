using System.Net.Security;
using System.Net.Sockets;
using Mesh.Config;
using Mesh.Sidecar.Config;
using Mesh.Sidecar.Connections;
using Mesh.Sidecar.Forwarding;
using Mesh.Sidecar.Probes;

namespace Mesh.Sidecar.Health;

/// <summary>Asks one member whether it is well, over connections of its own, secured as those of requests are.</summary>
internal sealed class HealthProber : IDisposable
{
    // A proxy in front of the member takes the connection before it has one itself: refusal comes a moment later.
    private static readonly TimeSpan Afterthought = TimeSpan.FromMilliseconds(100);

    private readonly CompiledCluster cluster;
    private readonly CompiledEndpoint member;
    private readonly HealthCheck check;
    private readonly MutualTlsClient mutualTls;
    private readonly TimeProvider time;
    private readonly SocketsHttpHandler handler;
    private readonly HttpMessageInvoker client;

    public HealthProber(CompiledCluster cluster, CompiledEndpoint member, HealthCheck check, MutualTlsClient mutualTls, TimeProvider time)
    {
        (this.cluster, this.member, this.check, this.mutualTls, this.time) = (cluster, member, check, mutualTls, time);
        handler = UpstreamClient.CreateHandler((connection, cancellation) => ConnectAsync(connection.InitialRequestMessage.Version.Major == 2, cancellation));
        client = new HttpMessageInvoker(handler);
        Address = check.Port != 0 && member.Address is System.Net.IPEndPoint at ? new System.Net.IPEndPoint(at.Address, check.Port) : member.Address;
    }

    private System.Net.EndPoint Address { get; }

    private bool IsHttp2 => cluster.Config.Protocol == AppProtocol.Http2 || cluster.Config.Pool is { UpgradeToHttp2: true };

    /// <summary>One question and its answer; silence past the check's time is a bad one.</summary>
    public async Task<ProbeAnswer> AskAsync(CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(check.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            return check.Probe switch
            {
                HealthProbe.Http => await AskHttpAsync(either.Token).ConfigureAwait(false),
                HealthProbe.Grpc => await GrpcHealthCall.AskAsync(client, $"http://{UpstreamDial.AuthorityOf(Address)}", check.Host ?? cluster.Config.Host, check.Service, $"{Address}", either.Token).ConfigureAwait(false),
                _ => await AskTcpAsync(either.Token).ConfigureAwait(false),
            };
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return ProbeAnswer.Bad($"{Address} did not answer within {check.Timeout.TotalSeconds:0.###} s");
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or SocketException or FormatException)
        {
            return ProbeAnswer.Bad(ReasonOf(failure));
        }
    }

    public void Dispose() => client.Dispose();

    private async Task<ProbeAnswer> AskHttpAsync(CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(new HttpMethod(check.Method), new Uri($"http://{UpstreamDial.AuthorityOf(Address)}{check.Path}"))
        {
            Version = IsHttp2 ? System.Net.HttpVersion.Version20 : System.Net.HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.TryAddWithoutValidation("Host", check.Host ?? cluster.Config.Host);
        request.Headers.TryAddWithoutValidation("User-Agent", "mesh-health-check");
        foreach (var header in check.Headers) request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        using var response = await client.SendAsync(request, cancellation).ConfigureAwait(false);
        var status = (int)response.StatusCode;
        var text = $"{check.Method} {check.Path} at {Address} answered {status}";
        return check.ExpectedStatuses.Any(range => status >= range.From && status <= range.To) ? ProbeAnswer.Good(text) : ProbeAnswer.Bad(text);
    }

    private async Task<ProbeAnswer> AskTcpAsync(CancellationToken cancellation)
    {
        var stream = await OpenAsync(MutualTlsClient.Tcp, cancellation).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            using var afterthought = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var reading = stream.ReadAsync(new byte[1], afterthought.Token).AsTask();
            try
            {
                if (await reading.WaitAsync(Afterthought, time, cancellation).ConfigureAwait(false) == 0) return ProbeAnswer.Bad($"{Address} closed the connection at once");
            }
            catch (TimeoutException)
            {
                // It waits for us to speak: all is well.
                await afterthought.CancelAsync().ConfigureAwait(false);
                await reading.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).ConfigureAwait(false);
            }

            return ProbeAnswer.Good($"{Address} takes connections");
        }
    }

    private ValueTask<Stream> ConnectAsync(bool isHttp2, CancellationToken cancellation) => OpenAsync(isHttp2 ? MutualTlsClient.Http2 : MutualTlsClient.Http1, cancellation);

    private async ValueTask<Stream> OpenAsync(SslApplicationProtocol carried, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        var socket = await UpstreamDial.ConnectAsync(Address, toApplication: false, check.Timeout, time, cancellation, header: ProxyHeader.For(cluster.Config.ProxyProtocol, null, null)).ConfigureAwait(false);
        var stream = new NetworkStream(socket, ownsSocket: true);
        var left = check.Timeout - time.GetElapsedTime(started);
        if (cluster.Origination is { } own)
        {
            var protocol = carried == MutualTlsClient.Http2 ? SslApplicationProtocol.Http2 : carried == MutualTlsClient.Http1 ? SslApplicationProtocol.Http11 : (SslApplicationProtocol?)null;
            return await own.AuthenticateAsync(stream, Address, own.NameFor(check.Host ?? cluster.Config.Host), protocol, left, time, cancellation).ConfigureAwait(false);
        }

        return cluster.TlsOf(member) is not { } tls
            ? stream
            : await mutualTls.AuthenticateAsync(stream, Address, tls, carried, left, cancellation).ConfigureAwait(false);
    }

    private string ReasonOf(Exception failure)
    {
        for (var inner = failure; inner is not null; inner = inner.InnerException)
        {
            if (inner is ConnectFailedException refused) return $"no connection to {Address}: {refused.Reason}";
        }

        return $"{Address} gave no proper answer: {failure.Message}";
    }
}
