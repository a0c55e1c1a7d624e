using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Mesh.Config.Control;
using Mesh.Config.Identity;
using Mesh.Operator.Control;

namespace Mesh.Operator.Tests.Control;

/// <summary>A sidecar's call to the operator, with whatever certificate a test gives it.</summary>
internal sealed class SidecarCall : IAsyncDisposable
{
    private readonly HttpMessageInvoker _http;
    private readonly DuplexContent _content = new();
    private HttpRequestMessage? _request;
    private HttpResponseMessage? _answer;

    private SidecarCall(HttpMessageInvoker http) => _http = http;

    public ControlStream Stream { get; private set; } = null!;

    public SpiffeId? Operator { get; private set; }

    public static async Task<SidecarCall> OpenAsync(int port, string name, string path, X509Certificate2 certificate, X509Certificate2Collection roots)
    {
        SidecarCall call = null!;
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, port, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
            SslOptions = new SslClientAuthenticationOptions
            {
                TargetHost = name,
                ClientCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true),
                RemoteCertificateValidationCallback = (_, shown, _, _) =>
                {
                    var good = SpiffeCertificates.TryVerify(shown as X509Certificate2, roots, DateTimeOffset.UtcNow, out var id, out var _);
                    call.Operator = id;
                    return good;
                },
            },
        };
        call = new SidecarCall(new HttpMessageInvoker(handler));
        call._request = new HttpRequestMessage(HttpMethod.Post, new Uri($"https://{name}{path}")) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = call._content };
        try
        {
            call._answer = await call._http.SendAsync(call._request, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20));
            call.Stream = new ControlStream(await call._answer.Content.ReadAsStreamAsync(), await call._content.Opened);
            return call;
        }
        catch (Exception)
        {
            // The test says what it expected.
            await call.DisposeAsync();
            throw;
        }
    }

    public async Task<ControlMessage?> AskAsync(params ControlMessage[] messages)
    {
        foreach (var message in messages) await Stream.WriteAsync(message, CancellationToken.None);
        return await Stream.ReadAsync(CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
    }

    public ValueTask DisposeAsync()
    {
        _content.End();
        _answer?.Dispose();
        _request?.Dispose();
        _http.Dispose();
        return ValueTask.CompletedTask;
    }
}
