using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Mesh.Config;
using Mesh.Config.Identity;
using Mesh.Operator.Identity;

namespace Mesh.Operator.Control;

/// <summary>
/// A connection to a sidecar's control port with its one stream. The handshake is done here and not by the HTTP client, so
/// that it is known how far a failed one came.
/// </summary>
internal sealed class ControlConnection : IAsyncDisposable
{
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan HandshakePatience = TimeSpan.FromSeconds(10);

    private readonly HttpMessageInvoker _http;
    private readonly DuplexContent _content;
    private HttpRequestMessage? _request;
    private HttpResponseMessage? _answer;

    private ControlConnection(SslStream tls, byte[] key)
    {
        PeerKey = key;
        _content = new DuplexContent();
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
            // A cut cable is noticed within seconds, on both sides; a busy machine is not taken for one.
            KeepAlivePingDelay = TimeSpan.FromSeconds(10),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            ConnectCallback = (_, _) => ValueTask.FromResult<Stream>(tls),
        });
    }

    /// <summary>Frames both ways.</summary>
    public ControlStream Stream { get; private set; } = null!;

    /// <summary>Key of the sidecar's certificate (SubjectPublicKeyInfo).</summary>
    public ReadOnlyMemory<byte> PeerKey { get; }

    /// <summary>A session: the sidecar has to show the certificate of its pod.</summary>
    public static Task<ControlConnection> OpenSessionAsync(ControlTarget target, Trust trust, TimeProvider time, CancellationToken cancellationToken) =>
        OpenAsync(target, WellKnown.SessionName, WellKnown.SessionPath, trust, time, (certificate, intermediates) =>
        {
            if (!SpiffeCertificates.TryVerify(certificate, intermediates, trust.Roots, time.GetUtcNow(), out var id, out var why)) return $"the sidecar's certificate is not valid here: {why}";
            return id == target.Id ? null : $"the sidecar at {target.Address} is {id}, pod {target.Pod} is {target.Id}";
        }, cancellationToken);

    /// <summary>An issuing exchange: the sidecar shows a self-signed certificate over the key that it wants certified.</summary>
    public static Task<ControlConnection> OpenIssuingAsync(ControlTarget target, Trust trust, TimeProvider time, CancellationToken cancellationToken) =>
        OpenAsync(target, WellKnown.IssueName, WellKnown.IssuePath, trust, time, (_, _) => null, cancellationToken);

    public ValueTask DisposeAsync()
    {
        _content.End();
        _answer?.Dispose();
        _request?.Dispose();
        _http.Dispose();
        Stream?.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <param name="judge">What is wrong with the sidecar's certificate; null when nothing is.</param>
    private static async Task<ControlConnection> OpenAsync(
        ControlTarget target, string name, string path, Trust trust, TimeProvider time, Func<X509Certificate2, X509Certificate2Collection, string?> judge, CancellationToken cancellationToken)
    {
        var stream = await ConnectAsync(target, time, cancellationToken);
        byte[]? key = null;
        string? wrong = null;
        var tls = new SslStream(stream, leaveInnerStreamOpen: false);
        try
        {
            using var late = new CancellationTokenSource(HandshakePatience, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = name,
                    ApplicationProtocols = [SslApplicationProtocol.Http2],
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                    ClientCertificateContext = trust.OwnContext,
                    // Each connection is judged by itself.
                    AllowTlsResume = false,
                    RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
                    {
                        if (certificate is not X509Certificate2 shown) return false;
                        key = shown.PublicKey.ExportSubjectPublicKeyInfo();
                        wrong = judge(shown, chain?.ChainPolicy.ExtraStore ?? []);
                        return wrong is null;
                    },
                },
                either.Token);
            var connection = new ControlConnection(tls, key!);
            await connection.StartAsync(name, path, time, cancellationToken);
            return connection;
        }
        catch (Exception e) when (e is AuthenticationException or IOException or OperationCanceledException or HttpRequestException)
        {
            await tls.DisposeAsync();
            if (cancellationToken.IsCancellationRequested) throw new OperationCanceledException(cancellationToken);
            if (wrong is not null) throw new DialException(DialFailure.NotIdentified, wrong, e);
            if (e is HttpRequestException) throw new DialException(DialFailure.Protocol, $"no control stream: {e.Message}", e);
            throw new DialException(DialFailure.Handshake, e is OperationCanceledException ? "the TLS handshake was not answered in time" : $"the TLS handshake failed: {Innermost(e)}", e);
        }
    }

    private static async Task<NetworkStream> ConnectAsync(ControlTarget target, TimeProvider time, CancellationToken cancellationToken)
    {
        var address = IPAddress.Parse(target.Address);
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var late = new CancellationTokenSource(ConnectPatience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(address, WellKnown.ControlPort), either.Token);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw e is SocketException { SocketErrorCode: SocketError.ConnectionRefused }
                ? new DialException(DialFailure.Refused, $"{target.Address}:{WellKnown.ControlPort} refuses the connection", e)
                : new DialException(DialFailure.NoAnswer, $"{target.Address}:{WellKnown.ControlPort} does not answer: {(e is SocketException ? e.Message : "timed out")}", e);
        }
    }

    private async Task StartAsync(string name, string path, TimeProvider time, CancellationToken cancellationToken)
    {
        _request = new HttpRequestMessage(HttpMethod.Post, new Uri($"https://{name}{path}"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = _content,
        };
        using var late = new CancellationTokenSource(HandshakePatience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            _answer = await _http.SendAsync(_request, either.Token);
            if (_answer.StatusCode != HttpStatusCode.OK) throw new HttpRequestException($"the sidecar answers {(int)_answer.StatusCode}");
            Stream = new ControlStream(await _answer.Content.ReadAsStreamAsync(either.Token), await _content.Opened.WaitAsync(either.Token));
        }
        catch (Exception e)
        {
            // Whoever asked for it says why.
            await DisposeAsync();
            if (late.IsCancellationRequested && e is OperationCanceledException) throw new HttpRequestException("the sidecar did not answer in time", e);
            throw;
        }
    }

    private static string Innermost(Exception e)
    {
        while (e.InnerException is { } inner) e = inner;
        return e.Message;
    }
}
