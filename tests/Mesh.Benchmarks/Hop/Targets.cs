using Mesh.Testing;

namespace Mesh.Benchmarks.Hop;

/// <summary>The four ways to the server, each with the same rules and two workers.</summary>
public static class Targets
{
    private const int Rules = 20;

    /// <summary>Nothing between.</summary>
    public static Target Direct() => new("nothing", new Uri($"http://10.78.0.11:{Stage.ServerPort}"), new Uri($"http://10.78.0.11:{Stage.ServerPortHttp2}"), Captured: false, Process: null);

    /// <summary>nginx beside the client.</summary>
    public static Target Nginx(Stage stage)
    {
        var locations = string.Join("\n", Enumerable.Range(0, Rules).Select(i => $"location /rule{i}/ {{ proxy_pass http://servers; }}"));
        var config = stage.Write("nginx.conf", $$"""
            daemon off; worker_processes 2; pid {{stage.Directory}}/nginx.pid; error_log stderr error;
            events { worker_connections 4096; }
            http {
              access_log off; keepalive_requests 100000000; keepalive_timeout 1h; tcp_nodelay on;
              upstream servers { least_conn; {{string.Join(" ", Stage.ServerAddresses(78).Select(a => $"server {a}:{Stage.ServerPort};"))}} keepalive 64; keepalive_requests 100000000; }
              proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
              proxy_set_header x-request-id $request_id; proxy_set_header x-forwarded-proto http;
              server { listen 127.0.0.1:8081 backlog=4096; {{locations}} }
              server { listen 127.0.0.1:8083 http2 backlog=4096; {{locations}} }
            }
            """);
        return new Target("nginx", new Uri("http://127.0.0.1:8081"), new Uri("http://127.0.0.1:8083"), Captured: false, stage.Start(stage.Plain, "nginx", ["-c", config, "-p", stage.Directory]));
    }

    /// <summary>HAProxy beside the client.</summary>
    public static Target HAProxy(Stage stage)
    {
        var rules = string.Join("\n", Enumerable.Range(0, Rules).Select(i => $"  use_backend servers if {{ path_beg /rule{i}/ }}"));
        var config = stage.Write("haproxy.cfg", $$"""
            global
              nbthread 2
              maxconn 8192
            defaults
              mode http
              timeout connect 10s
              timeout client 1h
              timeout server 1h
            frontend h1
              bind 127.0.0.1:8084
            {{rules}}
            frontend h2
              bind 127.0.0.1:8086 proto h2
            {{rules}}
            backend servers
              balance leastconn
              http-reuse always
              http-request set-header x-request-id %[uuid()]
              http-request set-header x-forwarded-proto http
            {{string.Join("\n", Stage.ServerAddresses(78).Select((a, i) => $"  server s{i} {a}:{Stage.ServerPort}"))}}

            """);
        return new Target("HAProxy", new Uri("http://127.0.0.1:8084"), new Uri("http://127.0.0.1:8086"), Captured: false, stage.Start(stage.Plain, "haproxy", ["-db", "-f", config]));
    }

    /// <summary>A sidecar in the client's pod, its traffic captured by the real init container.</summary>
    /// <param name="stage">Where.</param>
    /// <param name="program">The directory that holds its program.</param>
    /// <param name="name">As the tables say.</param>
    public static Target Sidecar(Stage stage, string program = "bin/sidecar", string name = "sidecar")
    {
        Command.Must("cp", "-r", Repository.Path(program), $"{stage.Directory}/sidecar");
        Command.Must("chmod", "-R", "a+rX", $"{stage.Directory}/sidecar");
        Directory.CreateDirectory($"{stage.Directory}/config");
        File.WriteAllBytes($"{stage.Directory}/config/{Config.WellKnown.ConfigFile}", SidecarConfig.Document(Rules));
        Command.Must("chmod", "-R", "a+rX", $"{stage.Directory}/config");

        // An identity as after a restart: the hop needs no operator.
        using var authority = new TestAuthority();
        authority.WriteTrust($"{stage.Directory}/trust");
        authority.WriteIdentity($"{stage.Directory}/data", "spiffe://cluster.local/ns/default/sa/bench");
        Command.Must("chmod", "-R", "a+rwX", $"{stage.Directory}/trust", $"{stage.Directory}/data");
        var init = stage.Pod.Run(Repository.Path("bin/init/Mesh.Init"), ["--ipv6", "off"]);
        if (init.ExitCode != 0) throw new InvalidOperationException($"mesh-init: {init.Error}");
        var process = stage.Start(stage.Pod, "setpriv",
            ["--reuid", "1337", "--regid", "1337", "--clear-groups", $"{stage.Directory}/sidecar/Mesh.Sidecar"],
            new Dictionary<string, string>
            {
                ["MESH_CONFIG_DIR"] = $"{stage.Directory}/config",
                ["MESH_TRUST_DIR"] = $"{stage.Directory}/trust",
                ["MESH_DATA_DIR"] = $"{stage.Directory}/data",
                ["POD_NAME"] = "bench",
                ["POD_NAMESPACE"] = "default",
                ["INSTANCE_IP"] = "10.79.0.2",
                ["DOTNET_PROCESSOR_COUNT"] = "2",
                ["MESH_LOG_LEVEL"] = "warning",
                ["DOTNET_GCgen0size"] = "400000", // as the injector sets it
            });
        return new Target(name, new Uri($"http://{SidecarConfig.Address}:{Stage.ServerPort}"), new Uri($"http://{SidecarConfig.Address}:{Stage.ServerPort}"), Captured: true, process);
    }
}
