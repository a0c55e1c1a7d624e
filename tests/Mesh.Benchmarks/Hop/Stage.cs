using System.Diagnostics;
using Mesh.Testing;

namespace Mesh.Benchmarks.Hop;

/// <summary>
/// The namespaces: a server that both sides reach, a plain client with nginx and HAProxy beside it, and a pod whose traffic
/// its sidecar captures.
/// </summary>
public sealed class Stage : IDisposable
{
    public const int ServerPort = 8080;
    public const int ServerPortHttp2 = 8082;
    private readonly List<Process> _processes = [];

    public Stage()
    {
        Directory = System.IO.Directory.CreateTempSubdirectory("mesh-bench-").FullName;
        // The sidecar runs as a user of its own and reads its config and program from here.
        Command.Must("chmod", "a+rx", Directory);
        NetworkNamespace.Connect(Plain, ["10.78.0.2/24"], Server, ["10.78.0.1/24", .. Servers(78)], rightDevice: "eth0");
        NetworkNamespace.Connect(Pod, ["10.79.0.2/24"], Server, ["10.79.0.1/24", .. Servers(79)], rightDevice: "eth1");
        Pod.Must("ip", "route", "add", "default", "via", "10.79.0.1");
        StartServer();
    }

    public NetworkNamespace Plain { get; } = NetworkNamespace.Create("plain");

    public NetworkNamespace Pod { get; } = NetworkNamespace.Create("pod");

    public string Directory { get; }

    private NetworkNamespace Server { get; } = NetworkNamespace.Create("server");

    /// <summary>Addresses of the three servers on one of the two links.</summary>
    public static IEnumerable<string> ServerAddresses(int link) => [$"10.{link}.0.11", $"10.{link}.0.12", $"10.{link}.0.13"];

    /// <summary>Starts a program; it ends with the stage.</summary>
    public Process Start(NetworkNamespace where, string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var process = where.Start(program, arguments, environment);
        _processes.Add(process);
        // What it says is only wanted when it ends early.
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.ErrorDataReceived += (_, e) => { lock (_said) if (e.Data is { } line) _said.Add($"{program}: {line}"); };
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Waits until a target answers 200.</summary>
    public void WaitFor(NetworkNamespace from, Uri target)
    {
        for (var patience = Stopwatch.StartNew(); patience.Elapsed < TimeSpan.FromSeconds(30);)
        {
            var run = from.Run("curl", ["-s", "-o", "/dev/null", "--max-time", "2", "--retry", "3", "--retry-all-errors", "--retry-delay", "1", "-w", "%{http_code}", new Uri(target, "/rule19/small").ToString()]);
            if (run.Output == "200") return;
        }
        lock (_said) throw new InvalidOperationException($"{target} does not answer 200:\n{string.Join('\n', _said.TakeLast(30))}");
    }

    /// <summary>A file on the stage.</summary>
    public string Write(string name, string text)
    {
        var path = System.IO.Path.Combine(Directory, name);
        System.IO.Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose()
    {
        Plain.Dispose();
        Pod.Dispose();
        Server.Dispose();
        foreach (var process in _processes) process.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private readonly List<string> _said = [];

    private static IEnumerable<string> Servers(int link) => ServerAddresses(link).Select(address => $"{address}/24");

    private void StartServer()
    {
        Write("www/large", new string('x', 16 * 1024));
        Write("www/small", new string('x', 100));
        var config = Write("server.conf", $$"""
            daemon off; worker_processes 1; pid {{Directory}}/server.pid; error_log stderr error;
            events { worker_connections 4096; }
            http {
              access_log off; keepalive_requests 100000000; keepalive_timeout 1h; sendfile on; tcp_nopush on; tcp_nodelay on;
              open_file_cache max=10; default_type text/plain;
              server { listen {{ServerPort}} backlog=4096; {{Locations()}} }
              server { listen {{ServerPortHttp2}} http2 backlog=4096; http2_max_concurrent_streams 1024; {{Locations()}} }
            }
            """);
        Start(Server, "nginx", ["-c", config, "-p", Directory]);
    }

    private string Locations() => $"location ~ /(small|large)$ {{ alias {Directory}/www/$1; }}";
}
