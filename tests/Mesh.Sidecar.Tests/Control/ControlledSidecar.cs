using System.Collections.Concurrent;
using Mesh.Config;
using Mesh.Sidecar.Control;
using Mesh.Sidecar.Tests.Hosting;
using Mesh.Testing;
using Microsoft.Extensions.Logging;
using Serilog.Core;

namespace Mesh.Sidecar.Tests.Control;

/// <summary>A sidecar with directories of its own and no identity but what the test's operator gives it; may be started again over them.</summary>
internal sealed class ControlledSidecar : IAsyncDisposable
{
    public const string Token = "eyJ-this-is-the-token";

    public static readonly string Id = TestIdentities.Id("web");

    private readonly LogLines log = new();
    private Sidecar? sidecar;

    public ControlledSidecar(TestAuthority authority)
    {
        Authority = authority;
        Root = Directory.CreateTempSubdirectory("mesh-control-").FullName;
        foreach (var part in new[] { "config", "trust", "data" }) Directory.CreateDirectory(Path.Combine(Root, part));
        File.WriteAllText(Path.Combine(Root, "token"), Token + "\n");
        Options = new SidecarOptions
        {
            ConfigDirectory = Path.Combine(Root, "config"),
            TrustDirectory = Path.Combine(Root, "trust"),
            DataDirectory = Path.Combine(Root, "data"),
            TokenFile = Path.Combine(Root, "token"),
            PodUid = "uid-1",
            PodName = "web-1",
            Namespace = "default",
            ServiceAccount = "web",
            HoldsKeys = _ => true,
            AdminPort = 0, StatusPort = 0, ReadinessPort = 0, OutboundPort = 0, InboundPort = 0, ControlPort = 0, DnsPort = 0,
        };
    }

    public TestAuthority Authority { get; }

    public string Root { get; }

    public SidecarOptions Options { get; private set; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public Sidecar Sidecar => sidecar!;

    public ProxyReport Report => Sidecar.State.Report;

    /// <summary>Everything it logged.</summary>
    public string Log => string.Join('\n', log.Lines);

    /// <summary>Writes the trust and starts; returns once the operator may call.</summary>
    public async Task StartAsync(string address = "")
    {
        Authority.WriteTrust(Options.TrustDirectory, address);
        await StartWithoutTrustAsync();
        await Eventually.True(() => Sidecar.ControlPort != 0, "the control port is open");
    }

    public async Task StartWithoutTrustAsync()
    {
        sidecar = new Sidecar(Options, log, new LoggingLevelSwitch(), Time, new Random(1));
        await sidecar.StartAsync(TestContext.Current.CancellationToken);
    }

    public void Change(Func<SidecarOptions, SidecarOptions> change) => Options = change(Options);

    public async Task StopAsync()
    {
        if (sidecar is not null) await sidecar.DisposeAsync();
        sidecar = null;
    }

    /// <summary>A call of the operator's, or of whoever the certificate says.</summary>
    public Task<OperatorStream> DialAsync(string name, System.Security.Cryptography.X509Certificates.X509Certificate2? certificate = null) =>
        TestOperator.DialAsync(
            Sidecar.ControlPort, name, name == WellKnown.SessionName ? WellKnown.SessionPath : WellKnown.IssuePath, certificate ?? Authority.Issue(TestAuthority.Operator, until: Time.GetUtcNow().AddDays(1)));

    /// <summary>Gives it its certificate by a call of the operator's.</summary>
    public async Task IssueAsync(DateTimeOffset? until = null)
    {
        await Eventually.Passes(async () =>
        {
            await using var stream = await DialAsync(WellKnown.IssueName);
            await stream.IssueAsync(Authority, Id, until: until);
            Assert.Null(await stream.NextAsync());
        }, "a certificate is issued");
        await ReportedAsync();
    }

    /// <summary>Until the certificate in force is the one that is reported.</summary>
    public async Task ReportedAsync()
    {
        await Sidecar.Identity.Ready;
        await Eventually.True(() => Report.Identity?.Serial == Sidecar.Identity.Current!.Certificate.SerialNumber, "the certificate is reported");
    }

    /// <summary>A session that the operator opened, greeted, its first report read.</summary>
    public async Task<OperatorStream> SessionAsync(long epoch = 1)
    {
        var stream = await DialAsync(WellKnown.SessionName);
        await stream.GreetAsync(epoch);
        await stream.ReportAsync(_ => true);
        return stream;
    }

    public void WriteToken(string token)
    {
        File.WriteAllText(Options.TokenFile + ".next", token);
        File.Move(Options.TokenFile + ".next", Options.TokenFile, overwrite: true);
    }

    public void WriteFile(byte[] document)
    {
        var next = Path.Combine(Options.ConfigDirectory, "next");
        File.WriteAllBytes(next, document);
        File.Move(next, Path.Combine(Options.ConfigDirectory, WellKnown.ConfigFile), overwrite: true);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(Root, recursive: true);
    }

    private sealed class LogLines : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue($"{logLevel} {formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
