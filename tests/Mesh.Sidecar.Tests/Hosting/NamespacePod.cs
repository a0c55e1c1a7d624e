using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Mesh.Config;
using Mesh.Testing;

namespace Mesh.Sidecar.Tests.Hosting;

/// <summary>A network namespace like a pod's: capture rules, and a sidecar process running as the proxy's user.</summary>
internal sealed class NamespacePod : IAsyncDisposable
{
    private static readonly Lazy<string> Programs = new(CopyPrograms);

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("mesh-pod-");
    private Process? process;
    private Task<string>? errors;

    public NamespacePod(string label) => Namespace = NetworkNamespace.Create(label);

    public NetworkNamespace Namespace { get; }

    private string Trust => Path.Combine(directory.FullName, "trust");

    private string Data => Path.Combine(directory.FullName, "data");

    public string LogPath => Path.Combine(directory.FullName, "log", "access.log");

    public Process Process => process ?? throw new InvalidOperationException("No sidecar runs here.");

    /// <summary>What the sidecar said, once it ended.</summary>
    public Task<string> Errors => errors!;

    /// <summary>Joins two pods by a link; everything else is reached through the neighbour.</summary>
    public static void Connect(NamespacePod left, string left4, string left6, NamespacePod right, string right4, string right6)
    {
        NetworkNamespace.Connect(left.Namespace, [$"{left4}/24", $"{left6}/64"], right.Namespace, [$"{right4}/24", $"{right6}/64"]);
        left.Namespace.Must("ip", "route", "add", "default", "via", right4);
        right.Namespace.Must("ip", "route", "add", "default", "via", left4);
        left.Namespace.Must("ip", "-6", "route", "add", "default", "via", right6);
        right.Namespace.Must("ip", "-6", "route", "add", "default", "via", left6);
    }

    /// <summary>The pod's name server; queries to it are captured. Set before the sidecar starts.</summary>
    public IPAddress? NameServer { get; set; }

    /// <summary>Writes capture rules, starts the sidecar with this config and waits until it is ready.</summary>
    public async Task StartSidecarAsync(SidecarConfig config)
    {
        Namespace.Must("ip", "addr", "add", $"{WellKnown.InboundSourceIPv6}/128", "dev", "lo");
        Capture("iptables-restore", "127.0.0.1/32", $"{WellKnown.InboundSourceIPv4}/32");
        Capture("ip6tables-restore", "::1/128", $"{WellKnown.InboundSourceIPv6}/128");

        var log = directory.CreateSubdirectory("log");
        foreach (var writable in new[] { directory, log }) Command.Must("chmod", "0777", writable.FullName);
        var resolver = Path.Combine(directory.FullName, "resolv.conf");
        File.WriteAllText(resolver, NameServer is null ? "" : $"search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver {NameServer}\n");
        if (NameServer is { } server) CaptureDns(server);
        Write(config);
        WriteIdentity();
        process = Namespace.Start(
            "setpriv",
            [$"--reuid={WellKnown.ProxyUid}", $"--regid={WellKnown.ProxyUid}", "--clear-groups", Environment.ProcessPath is { } host && host.EndsWith("dotnet", StringComparison.Ordinal) ? host : "dotnet", Path.Combine(Programs.Value, "Mesh.Sidecar.dll")],
            new Dictionary<string, string> { ["MESH_CONFIG_DIR"] = directory.FullName, ["MESH_TRUST_DIR"] = Trust, ["MESH_DATA_DIR"] = Data, ["HOME"] = "/tmp", ["MESH_RESOLV_CONF"] = resolver });
        errors = process.StandardError.ReadToEndAsync();
        _ = process.StandardOutput.ReadToEndAsync();
        await Eventually.True(async () => await TryReadyAsync() || (process.HasExited ? throw new InvalidOperationException(await errors) : false), "the sidecar is ready", TimeSpan.FromMinutes(1));
    }

    // As after a restart: no operator is needed for this one.
    private void WriteIdentity()
    {
        TestSidecar.Authority.WriteTrust(Trust);
        TestSidecar.Authority.WriteIdentity(Data, TestIdentities.Id("client"));
        Command.Must("chmod", "-R", "a+rwX", directory.FullName);
    }

    public void Write(SidecarConfig config)
    {
        config = config with { Mesh = config.Mesh with { AccessLogFile = LogPath } };
        var next = Path.Combine(directory.FullName, "next");
        File.WriteAllBytes(next, config.ToDocument());
        File.Move(next, Path.Combine(directory.FullName, WellKnown.ConfigFile), overwrite: true);
    }

    public Socket Listen(int port) => Namespace.Inside(() =>
    {
        var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
        socket.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
        socket.Listen(512);
        return socket;
    });

    /// <summary>A client in the namespace; every connection goes to this address, whatever the URL says.</summary>
    public HttpClient Client(IPEndPoint destination, Version? version = null) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        ConnectCallback = async (_, cancellation) =>
        {
            var socket = Namespace.Inside(() => new Socket(destination.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
            await socket.ConnectAsync(destination, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    {
        DefaultRequestVersion = version ?? HttpVersion.Version11,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Timeout = TimeSpan.FromSeconds(20),
    };

    public string[] LogLines() => File.Exists(LogPath) ? File.ReadAllLines(LogPath) : [];

    public async ValueTask DisposeAsync()
    {
        if (process is { HasExited: false }) process.Kill();
        if (process is not null) await process.WaitForExitAsync();
        process?.Dispose();
        Namespace.Dispose();
        directory.Delete(recursive: true);
    }

    private async Task<bool> TryReadyAsync()
    {
        try
        {
            using var client = Client(new IPEndPoint(IPAddress.Loopback, WellKnown.ReadinessPort));
            using var answer = await client.GetAsync("http://sidecar/healthz/ready");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    // The proxy's user must be able to read the programs; a clone may lie in a home it cannot enter.
    private static string CopyPrograms()
    {
        var to = Path.Combine(Path.GetTempPath(), $"mesh-sidecar-programs-{Environment.ProcessId}");
        Command.Must("cp", "-r", AppContext.BaseDirectory, to);
        Command.Must("chmod", "-R", "a+rX", to);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(to, recursive: true);
        return to;
    }

    private void Capture(string restore, string loopback, string source)
    {
        var uid = WellKnown.ProxyUid;
        var rules = $"""
            *nat
            :MESH_INBOUND - [0:0]
            :MESH_REDIRECT - [0:0]
            :MESH_IN_REDIRECT - [0:0]
            :MESH_OUTPUT - [0:0]
            -A MESH_REDIRECT -p tcp -j REDIRECT --to-ports {WellKnown.OutboundPort}
            -A MESH_IN_REDIRECT -p tcp -j REDIRECT --to-ports {WellKnown.InboundPort}
            -A PREROUTING -p tcp -j MESH_INBOUND
            -A MESH_INBOUND -p tcp -m multiport --dports 15012,15020,15021,15090 -j RETURN
            -A MESH_INBOUND -p tcp -j MESH_IN_REDIRECT
            -A OUTPUT -p tcp -j MESH_OUTPUT
            -A MESH_OUTPUT -s {source} -o lo -j RETURN
            -A MESH_OUTPUT ! -d {loopback} -o lo -p tcp -m owner --uid-owner {uid} -j MESH_IN_REDIRECT
            -A MESH_OUTPUT -o lo -m owner ! --uid-owner {uid} -j RETURN
            -A MESH_OUTPUT -m owner --uid-owner {uid} -j RETURN
            -A MESH_OUTPUT -d {loopback} -j RETURN
            -A MESH_OUTPUT -j MESH_REDIRECT
            COMMIT

            """;
        var result = Namespace.Run(restore, ["--noflush"], rules);
        if (result.ExitCode != 0) throw new InvalidOperationException(result.Error);
    }

    private void CaptureDns(IPAddress server)
    {
        var uid = WellKnown.ProxyUid;
        var rules = $"""
            *nat
            :MESH_OUTPUT_DNS - [0:0]
            -I OUTPUT -j MESH_OUTPUT_DNS
            -A MESH_OUTPUT_DNS -m owner --uid-owner {uid} -j RETURN
            -A MESH_OUTPUT_DNS -p tcp --dport 53 -d {server} -j REDIRECT --to-ports {WellKnown.DnsPort}
            -A MESH_OUTPUT_DNS -p udp --dport 53 -d {server} -j REDIRECT --to-ports {WellKnown.DnsPort}
            COMMIT
            *raw
            :MESH_OUTPUT_DNS - [0:0]
            :MESH_INBOUND - [0:0]
            -A OUTPUT -j MESH_OUTPUT_DNS
            -A PREROUTING -j MESH_INBOUND
            -A MESH_OUTPUT_DNS -p udp --dport 53 -m owner --uid-owner {uid} -j CT --zone 1
            -A MESH_OUTPUT_DNS -p udp --sport {WellKnown.DnsPort} -m owner --uid-owner {uid} -j CT --zone 2
            -A MESH_OUTPUT_DNS -p udp --dport 53 -d {server} -j CT --zone 2
            -A MESH_INBOUND -p udp --sport 53 -s {server} -j CT --zone 1
            COMMIT

            """;
        var result = Namespace.Run(server.AddressFamily == AddressFamily.InterNetwork ? "iptables-restore" : "ip6tables-restore", ["--noflush"], rules);
        if (result.ExitCode != 0) throw new InvalidOperationException(result.Error);
    }
}
