using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using Mesh.Config;
using Mesh.Config.Control;
using Mesh.Config.Identity;
using Mesh.Operator.Control;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using CertificateRequest = System.Security.Cryptography.X509Certificates.CertificateRequest;

namespace Mesh.Operator.Tests.Control;

/// <summary>
/// The sidecar's end of the control port, as small as it can be: real keys, real TLS, real HTTP/2, on an address of its own in
/// 127.0.0.0/8. It obeys what is pushed unless a test tells it otherwise.
/// </summary>
internal sealed class SpeakingSidecar : IAsyncDisposable
{
    private static int _last;
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(Manifest Manifest, int Sections)> _pushes = new();
    private readonly Lock _lock = new();
    private ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private X509Certificate2 _selfSigned;
    private volatile X509Certificate2? _certificate;
    private volatile X509Certificate2Collection _intermediates = [];
    private ChannelWriter<ControlMessage>? _session;
    private bool _wantsCertificate;
    private ProxyReport _report;

    private SpeakingSidecar(WebApplication app, string address, SidecarHello hello, string token)
    {
        (_app, Address, Hello, Token) = (app, address, hello, token);
        _report = new ProxyReport { Sequence = 1, Instance = "i", PodUid = hello.PodUid };
        _selfSigned = SelfSigned(_key);
    }

    public string Address { get; }

    public SidecarHello Hello { get; set; }

    public string Token { get; set; }

    /// <summary>Roots it would find in its mount; it demands that the operator's certificate chains to one.</summary>
    public X509Certificate2Collection Roots { get; set; } = [];

    public SpiffeId? Operator { get; set; }

    /// <summary>Takes the bytes of its session and answers nothing.</summary>
    public bool IsDeaf { get; set; }

    /// <summary>Refuses each push for this reason.</summary>
    public string? Refuses { get; set; }

    /// <summary>What its signing request is made of, where it is not what it should be.</summary>
    public Func<ECDsa, string>? SigningRequest { get; set; }

    public X509Certificate2? Certificate => _certificate;

    public OperatorHello? Greeting { get; private set; }

    /// <summary>Refusals that it heard.</summary>
    public ConcurrentQueue<string> Refusals { get; } = new();

    public IReadOnlyCollection<(Manifest Manifest, int Sections)> Pushes => _pushes;

    public bool IsInSession => _session is not null;

    public ProxyReport Report => _report;

    public static async Task<SpeakingSidecar> StartAsync(string @namespace, string pod, string uid, string token)
    {
        var number = Interlocked.Increment(ref _last);
        var address = $"127.{10 + (Environment.ProcessId % 80)}.{number / 250}.{(number % 250) + 1}";
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        SpeakingSidecar sidecar = null!;
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Parse(address), WellKnown.ControlPort, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = context => ValueTask.FromResult(sidecar.Handshake(context)) });
        }));
        var app = builder.Build();
        sidecar = new SpeakingSidecar(app, address, new SidecarHello { PodUid = uid, Namespace = @namespace, Pod = pod }, token);
        app.MapPost(WellKnown.SessionPath, sidecar.SpeakAsync);
        app.MapPost(WellKnown.IssuePath, sidecar.AskAsync);
        await app.StartAsync();
        return sidecar;
    }

    /// <summary>Asks that the operator open an issuing exchange, over a new key: in the session, or in the next one where none is up.</summary>
    public void AskForRenewal()
    {
        lock (_lock)
        {
            _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            _selfSigned = SelfSigned(_key);
            _wantsCertificate = true;
            AskNow();
        }
    }

    private void AskNow()
    {
        if (_wantsCertificate && _session?.TryWrite(new ControlMessage { CertificateRequest = new Config.Control.CertificateRequest { Reason = "renewal" } }) == true) _wantsCertificate = false;
    }

    public void Say(Func<ProxyReport, ProxyReport> change)
    {
        lock (_lock)
        {
            _report = change(_report) with { Sequence = _report.Sequence + 1, PodUid = Hello.PodUid };
            _session?.TryWrite(new ControlMessage { Report = _report });
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        try
        {
            await _app.StopAsync(now.Token);
        }
        catch (OperationCanceledException)
        {
            // Sessions are cut.
        }

        await _app.DisposeAsync();
    }

    public static X509Certificate2 SelfSigned(ECDsa key) =>
        new CertificateRequest("CN=self", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddHours(1));

    public static string RequestOver(ECDsa key) => new CertificateRequest("", key, HashAlgorithmName.SHA256).CreateSigningRequestPem();

    private SslServerAuthenticationOptions Handshake(TlsHandshakeCallbackContext context)
    {
        var issue = context.ClientHelloInfo.ServerName == WellKnown.IssueName;
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(issue ? _selfSigned : _certificate ?? _selfSigned, _intermediates, offline: true),
            ClientCertificateRequired = true,
            ApplicationProtocols = [SslApplicationProtocol.Http2],
            RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
                certificate is X509Certificate2 shown && SpiffeCertificates.TryVerify(shown, chain?.ChainPolicy.ExtraStore ?? [], Roots, DateTimeOffset.UtcNow, out var id, out string _) && id == Operator,
        };
    }

    private async Task AskAsync(HttpContext context)
    {
        await context.Response.StartAsync();
        using var stream = new ControlStream(context.Request.Body, context.Response.Body);
        var key = _key;
        await stream.WriteAsync(new ControlMessage { SidecarHello = Hello with { Token = Token } }, context.RequestAborted);
        await stream.WriteAsync(new ControlMessage { CertificateRequest = new Config.Control.CertificateRequest { SigningRequest = SigningRequest?.Invoke(key) ?? RequestOver(key), Reason = "start" } }, context.RequestAborted);
        var answer = await stream.ReadAsync(context.RequestAborted);
        if (answer?.Refusal is { } refusal) Refusals.Enqueue(refusal.Reason);
        if (answer?.Certificate is not { } issued) return;
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(issued.Chain);
        _intermediates = [.. chain.Skip(1)];
        _certificate = chain[0].CopyWithPrivateKey(key);
    }

    private async Task SpeakAsync(HttpContext context)
    {
        await context.Response.StartAsync();
        using var stream = new ControlStream(context.Request.Body, context.Response.Body);
        await stream.WriteAsync(new ControlMessage { SidecarHello = Hello }, context.RequestAborted);
        if (await ReadAsync(context.Request.Body, context.RequestAborted) is not var (first, _)) return;
        if (first.Refusal is { } refusal) Refusals.Enqueue(refusal.Reason);
        if (first.OperatorHello is not { } hello) return;
        Greeting = hello;
        var outgoing = Channel.CreateUnbounded<ControlMessage>();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        var writing = Task.Run(async () =>
        {
            await foreach (var message in outgoing.Reader.ReadAllAsync(ended.Token)) await stream.WriteAsync(message, ended.Token);
        });
        lock (_lock)
        {
            _session = outgoing.Writer;
            Say(r => r);
            AskNow();
        }

        try
        {
            while (true)
            {
                if (IsDeaf) await Task.Delay(Timeout.Infinite, context.RequestAborted);
                if (await ReadAsync(context.Request.Body, context.RequestAborted) is not var (message, attachment)) return;
                if (message.Push is not null) Take(attachment);
            }
        }
        finally
        {
            lock (_lock)
                if (_session == outgoing.Writer) _session = null;
            await ended.CancelAsync();
            await writing.ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    private void Take(byte[] document)
    {
        using var json = System.Text.Json.JsonDocument.Parse(document);
        var manifest = System.Text.Json.JsonSerializer.Deserialize(json.RootElement.GetProperty("manifest"), ProxyConfigJson.Default.Manifest)!;
        _pushes.Enqueue((manifest, json.RootElement.GetProperty("sections").EnumerateObject().Count()));
        if (Refuses is { } why) Say(r => r with { Refused = new RefusedConfig { Revision = manifest.Revision, Hash = manifest.Hash, Problems = [new ConfigProblem("mesh", why)] } });
        else Say(r => r with { Revision = manifest.Revision, Hash = manifest.Hash, Sections = manifest.Sections, Refused = null });
    }

    // With its attachment, which the operator's own reader never takes.
    private static async Task<(ControlMessage Message, byte[] Attachment)?> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var head = new byte[8];
        try
        {
            await stream.ReadExactlyAsync(head, cancellationToken);
            var message = new byte[System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(head)];
            await stream.ReadExactlyAsync(message, cancellationToken);
            var attachment = new byte[System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(4))];
            await stream.ReadExactlyAsync(attachment, cancellationToken);
            return (ProxyConfigJson.Read<ControlMessage>(message), attachment);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            return null;
        }
    }
}
