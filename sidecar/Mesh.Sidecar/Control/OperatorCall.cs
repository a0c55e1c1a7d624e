using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Mesh.Config.Identity;
using Mesh.Sidecar.Identity;

namespace Mesh.Sidecar.Control;

/// <summary>A connection of this sidecar's to the operator with its one stream. Not a byte is sent before the operator proved that it is the one.</summary>
internal sealed class OperatorCall : IAsyncDisposable
{
    private static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(5);

    private readonly SocketsHttpHandler handler;
    private readonly HttpMessageInvoker client;
    private readonly DuplexContent content = new();
    private readonly CancellationTokenSource ending = new();
    private Task<HttpResponseMessage>? answering;

    private OperatorCall(SocketsHttpHandler handler)
    {
        this.handler = handler;
        client = new HttpMessageInvoker(handler, disposeHandler: false);
    }

    /// <summary>Messages both ways.</summary>
    public ControlStream Stream { get; private set; } = null!;

    /// <summary>Dials.</summary>
    /// <exception cref="IOException">There is no such operator to be had; says why.</exception>
    public static async Task<OperatorCall> OpenAsync(
        TrustBundle trust, string name, string path, SslStreamCertificateContext certificate, TimeProvider time, CancellationToken cancellation)
    {
        if (!TryReadAddress(trust.Address, out var host, out var port)) throw new IOException($"mesh-root names no address to dial ('{trust.Address}' is not host:port)");
        string? unverified = null;
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
            EnableMultipleHttp2Connections = false,
            InitialHttp2StreamWindowSize = 1024 * 1024,
            KeepAlivePingDelay = TimeSpan.FromSeconds(10),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificateContext = certificate,
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                AllowTlsResume = false,
                CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                RemoteCertificateValidationCallback = (_, shown, chain, _) => (unverified = Verify(shown as X509Certificate2, chain, trust, time)) is null,
            },
            ConnectCallback = async (_, token) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    await socket.ConnectAsync(host, port, token).ConfigureAwait(false);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        var call = new OperatorCall(handler);
        try
        {
            await call.ConnectAsync(new Uri($"https://{name}{path}"), time, cancellation).ConfigureAwait(false);
            return call;
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException or IOException)
        {
            await call.DisposeAsync().ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
            throw new IOException($"{trust.Address}: {unverified ?? WhyOf(failure)}", failure);
        }
    }

    public async ValueTask DisposeAsync()
    {
        content.Finish();
        await ending.CancelAsync().ConfigureAwait(false);
        if (answering is not null)
        {
            try
            {
                (await answering.ConfigureAwait(false)).Dispose();
            }
            catch (Exception over) when (over is HttpRequestException or OperationCanceledException or IOException)
            {
                // It is over either way.
            }
        }

        client.Dispose();
        handler.Dispose();
        content.Dispose();
        ending.Dispose();
    }

    private async Task ConnectAsync(Uri address, TimeProvider time, CancellationToken cancellation)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, address) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = content };
        answering = client.SendAsync(request, ending.Token);
        using var limit = new CancellationTokenSource(ConnectWithin, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        await Task.WhenAny(content.Opened, answering).WaitAsync(either.Token).ConfigureAwait(false);
        if (!content.Opened.IsCompleted) await answering.ConfigureAwait(false);
        var body = await content.Opened.ConfigureAwait(false);
        Stream = new ControlStream(ResponseAsync, PipeWriter.Create(body, new StreamPipeWriterOptions(leaveOpen: true)));
    }

    private async ValueTask<PipeReader> ResponseAsync(CancellationToken cancellation)
    {
        var response = await answering!.WaitAsync(cancellation).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.OK) throw new IOException($"the operator answered {(int)response.StatusCode}");
        return PipeReader.Create(await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false));
    }

    private static string? Verify(X509Certificate2? shown, X509Chain? chain, TrustBundle trust, TimeProvider time)
    {
        if (!SpiffeCertificates.TryVerify(shown, chain?.ChainPolicy.ExtraStore ?? [], trust.Roots, time.GetUtcNow(), out var id, out var why)) return $"its certificate is not trusted: {why}";
        return id == trust.Operator ? null : $"its certificate is that of {id}, the operator is {trust.Operator}";
    }

    private static bool TryReadAddress(string address, out string host, out int port)
    {
        (host, port) = ("", 0);
        var colon = address.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(address.AsSpan(colon + 1), out port)) return false;
        host = address[..colon].Trim('[', ']');
        return host.Length > 0;
    }

    private static string WhyOf(Exception failure) => failure switch
    {
        OperationCanceledException => $"no answer within {ConnectWithin.TotalSeconds} s",
        HttpRequestException { InnerException: SocketException socket } => socket.SocketErrorCode switch
        {
            SocketError.ConnectionRefused => "connection refused",
            SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => "the name does not resolve",
            _ => socket.Message,
        },
        { InnerException: { } inner } => inner.Message,
        _ => failure.Message,
    };
}
