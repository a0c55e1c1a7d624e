using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using Mesh.Config;
using Mesh.Sidecar.Control;
using Mesh.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace Mesh.Sidecar.Tests.Hosting;

/// <summary>An operator small enough to be held in the hand: dials sidecars and is dialled by them, over real TLS and HTTP/2.</summary>
internal sealed class TestOperator : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly Channel<OperatorStream> sessions = Channel.CreateUnbounded<OperatorStream>();
    private readonly Channel<OperatorStream> issues = Channel.CreateUnbounded<OperatorStream>();

    private TestOperator(X509Certificate2 certificate, int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(IPAddress.Loopback, port, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                listen.UseHttps(certificate, https =>
                {
                    https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                    https.AllowAnyClientCertificate();
                });
            });
        });
        app = builder.Build();
        app.MapPost(WellKnown.SessionPath, context => ServeAsync(context, sessions));
        app.MapPost(WellKnown.IssuePath, context => ServeAsync(context, issues));
    }

    /// <summary>A stream was opened.</summary>
    public bool WasCalled { get; private set; }

    /// <summary>As mesh-root names it.</summary>
    public string Address => $"127.0.0.1:{new Uri(app.Urls.First()).Port}";

    public static async Task<TestOperator> StartAsync(TestAuthority authority, string id = TestAuthority.Operator, int port = 0)
    {
        var made = new TestOperator(authority.Issue(id), port);
        await made.app.StartAsync();
        return made;
    }

    /// <summary>The next session that a sidecar opens.</summary>
    public Task<OperatorStream> SessionAsync() => sessions.Reader.ReadAsync().AsTask().WaitAsync(Eventually.Patience);

    /// <summary>The next issuing exchange that a sidecar opens.</summary>
    public Task<OperatorStream> IssueAsync() => issues.Reader.ReadAsync().AsTask().WaitAsync(Eventually.Patience);

    /// <summary>Dials a sidecar as the operator, or as whoever the certificate says.</summary>
    public static async Task<OperatorStream> DialAsync(int port, string name, string path, X509Certificate2? certificate)
    {
        X509Certificate2? peer = null;
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, [], offline: true),
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                RemoteCertificateValidationCallback = (_, shown, _, _) =>
                {
                    peer = X509CertificateLoader.LoadCertificate(shown!.GetRawCertData());
                    return true;
                },
            },
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(IPAddress.Loopback, port, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        var content = new DuplexContent();
        var client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        var request = new HttpRequestMessage(HttpMethod.Post, $"https://{name}{path}")
        {
            Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = content,
        };
        try
        {
            var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(Eventually.Patience);
            response.EnsureSuccessStatusCode();
            var body = await content.Opened;
            var input = PipeReader.Create(await response.Content.ReadAsStreamAsync());
            return new OperatorStream(input, PipeWriter.Create(body, new StreamPipeWriterOptions(leaveOpen: true)), peer!, () =>
            {
                content.Finish();
                client.Dispose();
                return ValueTask.CompletedTask;
            });
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
    }

    private async Task ServeAsync(HttpContext context, Channel<OperatorStream> to)
    {
        WasCalled = true;
        var over = new TaskCompletionSource();
        await context.Response.StartAsync();
        await context.Response.BodyWriter.FlushAsync();
        using var cut = context.RequestAborted.Register(() => over.TrySetResult());
        to.Writer.TryWrite(new OperatorStream(context.Request.BodyReader, context.Response.BodyWriter, context.Connection.ClientCertificate!, () =>
        {
            over.TrySetResult();
            return ValueTask.CompletedTask;
        }));
        await over.Task;
    }
}
