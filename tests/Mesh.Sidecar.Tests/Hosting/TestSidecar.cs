using System.Net;
using System.Net.Sockets;
using Mesh.Config;
using Mesh.Sidecar.Control;
using Mesh.Sidecar.DnsProxy;
using Mesh.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Serilog.Core;

namespace Mesh.Sidecar.Tests.Hosting;

/// <summary>
/// A whole sidecar in this process, on ports of the kernel's choice. Instead of iptables the test says where its
/// connections were going: <see cref="Destination"/>.
/// </summary>
internal sealed class TestSidecar : IAsyncDisposable
{
    /// <summary>Who certifies every sidecar that a test has not given another identity.</summary>
    public static readonly TestAuthority Authority = new();

    private readonly DirectoryInfo directory;
    private bool disposed;

    private TestSidecar(DirectoryInfo directory, TimeProvider time, ResolvConf? resolver, Func<SidecarOptions, SidecarOptions>? options)
    {
        this.directory = directory;
        Options = new SidecarOptions
        {
            ConfigDirectory = directory.FullName,
            TrustDirectory = Path.Combine(directory.FullName, "trust"),
            DataDirectory = directory.CreateSubdirectory("data").FullName,
            CredentialsDirectory = Path.Combine(directory.FullName, "credentials"),
            TokenFile = Path.Combine(directory.FullName, "token"),
            PodUid = "uid-1",
            ControlPort = 0,
            AdminPort = 0,
            StatusPort = 0,
            ReadinessPort = 0,
            OutboundPort = 0,
            InboundPort = 0,
            DnsPort = 0,
            Resolver = resolver ?? ResolvConf.Empty,
            OriginalDestination = _ => Destination,
        };
        if (options is not null) Options = options(Options);
        Sidecar = new Sidecar(Options, NullLoggerFactory.Instance, new LoggingLevelSwitch(), time, new Random(1));
    }

    public SidecarOptions Options { get; }

    public Sidecar Sidecar { get; }

    /// <summary>Where connections accepted from now on were going before they were captured.</summary>
    public IPEndPoint? Destination { get; set; } = new(IPAddress.Parse("10.96.0.1"), 9080);

    public string LogPath => Path.Combine(directory.FullName, "access.log");

    public static async Task<TestSidecar> StartAsync(SidecarConfig? config = null, TimeProvider? time = null, bool logged = false, ResolvConf? resolver = null, Func<SidecarOptions, SidecarOptions>? options = null)
    {
        var made = new TestSidecar(Directory.CreateTempSubdirectory("mesh-sidecar-"), time ?? TimeProvider.System, resolver, options);
        await made.Sidecar.StartAsync(TestContext.Current.CancellationToken);
        made.Sidecar.Identity.Put(Authority, "client");
        if (config is null) return made;
        if (logged) config = config with { Mesh = config.Mesh with { AccessLogFile = made.LogPath } };
        made.Apply(config);
        await made.Sidecar.AcceptAsync(TestContext.Current.CancellationToken);
        return made;
    }

    /// <summary>Puts a config in force at once, as the file would.</summary>
    public void Apply(SidecarConfig config) => Assert.Equal(Sidecar_Config_Taken, Sidecar.Loader.Load(config.ToDocument()));

    public void WriteFile(byte[] document) => File.WriteAllBytes(Path.Combine(directory.FullName, WellKnown.ConfigFile), document);

    /// <summary>A client whose connections are captured as outbound ones.</summary>
    public HttpClient Client(Version? version = null) => ClientTo(Sidecar.OutboundPort, version);

    /// <summary>A client whose connections are captured as inbound ones.</summary>
    public HttpClient InboundClient(Version? version = null) => ClientTo(Sidecar.InboundPort, version);

    public HttpClient ControlClient(int index) => new() { BaseAddress = new UriBuilder(Sidecar.ControlAddresses[index]) { Host = "127.0.0.1" }.Uri };

    public async Task<TcpClient> ConnectOutboundAsync() => await ConnectAsync(Sidecar.OutboundPort);

    public async Task<TcpClient> ConnectInboundAsync() => await ConnectAsync(Sidecar.InboundPort);

    /// <summary>Log lines so far; the last one asked for is waited for.</summary>
    public async Task<string[]> LogLinesAsync(int count)
    {
        string[] lines = [];
        await Mesh.Testing.Eventually.True(
            () => File.Exists(LogPath) && (lines = File.ReadAllLines(LogPath)).Length >= count, $"{count} lines in the access log");
        return lines;
    }

    public async ValueTask DisposeAsync()
    {
        if (disposed) return;
        disposed = true;
        await Sidecar.DisposeAsync();
        directory.Delete(recursive: true);
    }

    private const Mesh.Sidecar.Config.LoadOutcome Sidecar_Config_Taken = Mesh.Sidecar.Config.LoadOutcome.Taken;

    private static HttpClient ClientTo(int port, Version? version) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectCallback = async (_, cancellation) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    {
        DefaultRequestVersion = version ?? HttpVersion.Version11,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Timeout = TimeSpan.FromSeconds(60),
    };

    private static async Task<TcpClient> ConnectAsync(int port)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, port);
        return client;
    }
}
