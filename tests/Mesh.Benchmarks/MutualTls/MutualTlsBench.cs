using Mesh.Benchmarks.Apply;
using Mesh.Benchmarks.Hop;
using Mesh.Testing;

namespace Mesh.Benchmarks.MutualTls;

/// <summary>
/// What mutual TLS costs: a client and a server in a mesh, each with its sidecar, under the same load with the mesh's TLS as it
/// is without a rule and with a PeerAuthentication that switches it off, in turns. What differs is the TLS and nothing else.
/// </summary>
public static class MutualTlsBench
{
    private const int WarmUpSeconds = 3;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    private static readonly IReadOnlyList<Load> Loads =
    [
        new("HTTP/1.1, 32 connections, 100 B", 32, 0, "/small"),
        new("HTTP/1.1, 1 connection, 100 B", 1, 0, "/small"),
        new("HTTP/1.1, 32 connections, 16 KiB", 32, 0, "/large"),
    ];

    private const string Manifests = """
        apiVersion: v1
        kind: Namespace
        metadata: {name: default, labels: {istio-injection: enabled}}
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: mesh, namespace: mesh-system}
        data: {mesh: "accessLogFile: ''\n"}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: server}
        spec: {selector: {app: server}, ports: [{name: http, port: 9080}]}
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: nginx}
        data:
          nginx.conf: |
            daemon off; worker_processes 1; pid /tmp/nginx.pid; error_log stderr error;
            events { worker_connections 1024; }
            http {
              access_log off; keepalive_requests 100000000; keepalive_timeout 1h; tcp_nodelay on; default_type text/plain;
              client_body_temp_path /tmp/a; proxy_temp_path /tmp/b; fastcgi_temp_path /tmp/c; uwsgi_temp_path /tmp/d; scgi_temp_path /tmp/e;
              server { listen 9080 backlog=4096; root /tmp/www; }
            }
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: server}
        spec:
          selector: {matchLabels: {app: server}}
          template:
            metadata: {labels: {app: server, version: v1}}
            spec:
              volumes: [{name: nginx, configMap: {name: nginx}}]
              containers:
              - name: server
                image: local/host
                command: [sh, -c, "mkdir -p /tmp/www && head -c 100 /dev/zero | tr '\\0' x > /tmp/www/small && head -c 16384 /dev/zero | tr '\\0' x > /tmp/www/large && exec nginx -c /conf/nginx.conf -p /tmp"]
                volumeMounts: [{name: nginx, mountPath: /conf}]
                readinessProbe: {tcpSocket: {port: 9080}, periodSeconds: 1}
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: client}
        spec:
          selector: {matchLabels: {app: client}}
          template:
            metadata: {labels: {app: client, version: v1}}
            spec: {containers: [{name: client, image: local/host, command: [sleep, infinity]}]}
        """;

    /// <summary>Runs every load both ways.</summary>
    public static IReadOnlyList<MutualTlsSample> Run(int seconds, int rounds)
    {
        var mesh = new BenchMesh($"mtls-{Environment.ProcessId}");
        try
        {
            mesh.Start(Manifests, Limit);
            var client = mesh.Sidecars("client", 1).Single();
            var server = mesh.Sidecars("server", 1).Single();
            var target = new Uri($"http://{mesh.ServiceAddress()}");
            CommandResult InClient(string program, IReadOnlyList<string> arguments, TimeSpan limit) =>
                Command.Run("nsenter", [$"--net=/proc/{client}/ns/net", "--", program, .. arguments], timeout: limit);
            var samples = new List<MutualTlsSample>();
            foreach (var load in Loads)
            {
                for (var round = 0; round <= rounds; round++)
                    foreach (var isMutual in new[] { true, false })
                    {
                        mesh.Apply(Rule(isMutual ? "PERMISSIVE" : "DISABLE"));
                        mesh.Kubectl("wait", "--for=condition=Programmed", "peerauthentication/default", "--timeout=60s");
                        load.Run(InClient, target, WarmUpSeconds); // Connections of the other kind end, those of this one are made.
                        // The first round warms both ways up and does not count.
                        var (before, beforeServer) = (ProcessCost.Of(client).CpuSeconds, ProcessCost.Of(server).CpuSeconds);
                        var result = load.Run(InClient, target, round == 0 ? WarmUpSeconds : seconds);
                        var (cpu, cpuServer) = ((ProcessCost.Of(client).CpuSeconds - before) * 1e6 / result.Requests, (ProcessCost.Of(server).CpuSeconds - beforeServer) * 1e6 / result.Requests);
                        Console.Error.WriteLine(FormattableString.Invariant($"{load.Title}, round {round}: {(isMutual ? "mutual TLS" : "clear text")} {result.PerSecond:0}/s p50 {result.P50Milliseconds:0.00} ms p99 {result.P99Milliseconds:0.00} ms, client {cpu:0.0} µs, server {cpuServer:0.0} µs{(result.Failed > 0 ? $" FAILED {result.Failed}" : "")}"));
                        if (round > 0) samples.Add(new MutualTlsSample(load.Title, isMutual, result, cpu, cpuServer));
                    }
            }

            return samples;
        }
        finally
        {
            mesh.Stop();
        }
    }

    private static string Rule(string mode) => $$"""
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: {name: default, namespace: default}
        spec:
          mtls: {mode: {{mode}} }
        """;
}
