using System.Text.Json.Nodes;
using Mesh.Testing;

namespace Mesh.EndToEnd.Tests.Identity;

/// <summary>
/// The workloads on which identity is tried: in namespace vault (meshed) a server of several protocols and a caller, in
/// namespace outside (not meshed) a caller. What enters are manifests and commands in pods, what is looked at are answers,
/// packets and what kubectl and mesh say. Nothing here knows how the product does it.
/// </summary>
public sealed class IdentityStage
{
    public const string Namespace = "vault";

    /// <summary>Declared in the Service; HTTP, answers with the head of the request as it came.</summary>
    public const int HttpPort = 8000;

    /// <summary>Declared; the server speaks first.</summary>
    public const int GreeterPort = 7000;

    /// <summary>HTTP on a port that no Service and no container port names.</summary>
    public const int UndeclaredPort = 8001;

    private const string Manifests = """
        apiVersion: v1
        kind: Namespace
        metadata: {name: vault, labels: {istio-injection: enabled}}
        ---
        apiVersion: v1
        kind: Namespace
        metadata: {name: outside}
        ---
        {apiVersion: v1, kind: ServiceAccount, metadata: {name: server, namespace: vault}}
        ---
        {apiVersion: v1, kind: ServiceAccount, metadata: {name: caller, namespace: vault}}
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: program, namespace: vault}
        data:
          server.py: |
            import socket, threading, time
            def serve(port, handle):
                s = socket.socket()
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                s.bind(('0.0.0.0', port))
                s.listen(128)
                def guard(c):
                    try: handle(c)
                    except OSError: pass
                    finally: c.close()
                def loop():
                    while True: threading.Thread(target=guard, args=(s.accept()[0],), daemon=True).start()
                threading.Thread(target=loop, daemon=True).start()
            def http(c):
                f = c.makefile('rb')
                while True:
                    head = f.readline()
                    if not head: return
                    while True:
                        line = f.readline()
                        if line in (b'', b'\r\n', b'\n'): break
                        head += line
                    c.sendall(b'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n' % len(head) + head)
            def greeter(c):
                c.sendall(b'220 welcome\n')
                for line in c.makefile('rb'): c.sendall(b'echo ' + line)
            def health(c):  # grpc.health.v1: whatever is asked, SERVING
                f = c.makefile('rb')
                f.read(24)
                def frame(kind, flags, stream, body=b''): c.sendall(len(body).to_bytes(3, 'big') + bytes([kind, flags]) + stream.to_bytes(4, 'big') + body)
                def field(name, value): return bytes([0, len(name)]) + name + bytes([len(value)]) + value
                frame(4, 0, 0)
                while True:
                    head = f.read(9)
                    if len(head) < 9: return
                    kind, flags, stream = head[3], head[4], int.from_bytes(head[5:9], 'big')
                    body = f.read(int.from_bytes(head[:3], 'big'))
                    if kind == 4 and not flags & 1: frame(4, 1, 0)
                    if kind == 6 and not flags & 1: frame(6, 1, 0, body)
                    if kind in (0, 1) and flags & 1:
                        frame(1, 4, stream, b'\x88' + field(b'content-type', b'application/grpc'))
                        frame(0, 0, stream, b'\0\0\0\0\2\x08\x01')
                        frame(1, 5, stream, field(b'grpc-status', b'0'))
            serve(8000, http)
            serve(8001, http)
            serve(7000, greeter)
            serve(50051, health)
            print('serving', flush=True)
            while True: time.sleep(3600)
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: server, namespace: vault}
        spec:
          selector: {app: server}
          ports: [{name: http, port: 8000}, {name: tcp-greeter, port: 7000}]
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: server, namespace: vault}
        spec:
          selector: {matchLabels: {app: server}}
          template:
            metadata: {labels: {app: server, version: v1}}
            spec:
              serviceAccountName: server
              terminationGracePeriodSeconds: 3
              volumes: [{name: program, configMap: {name: program}}]
              containers:
              - name: server
                image: local/host
                command: [python3, /program/server.py]
                volumeMounts: [{name: program, mountPath: /program}]
                ports: [{containerPort: 8000}, {containerPort: 7000}]
                startupProbe: {grpc: {port: 50051}, periodSeconds: 1, failureThreshold: 60}
                readinessProbe: {httpGet: {port: 8000, path: /ready}, periodSeconds: 1}
                livenessProbe: {tcpSocket: {port: 7000}, periodSeconds: 1}
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: caller, namespace: vault}
        spec:
          selector: {matchLabels: {app: caller}}
          template:
            metadata: {labels: {app: caller, version: v1}}
            spec:
              serviceAccountName: caller
              terminationGracePeriodSeconds: 1
              containers: [{name: caller, image: local/host, command: [sleep, infinity]}]
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: outsider, namespace: outside}
        spec:
          selector: {matchLabels: {app: outsider}}
          template:
            metadata: {labels: {app: outsider}}
            spec:
              terminationGracePeriodSeconds: 1
              containers: [{name: outsider, image: local/host, command: [sleep, infinity]}]
        """;

    private IdentityStage(LocalMesh mesh) => Mesh = mesh;

    public LocalMesh Mesh { get; }

    public string Server => Pod(Namespace, "server");

    public string Caller => Pod(Namespace, "caller");

    public string Outsider => Pod("outside", "outsider");

    /// <summary>The server's address behind its Service.</summary>
    public string ServiceIP => Mesh.Kubectl("get", "service", "server", "-n", Namespace, "-o", "jsonpath={.spec.clusterIP}");

    public static IdentityStage Apply(LocalMesh mesh)
    {
        Needs.Program("python3", "python3");
        Needs.Program("openssl", "openssl");
        mesh.Apply(Manifests);
        foreach (var (ns, name) in new[] { (Namespace, "server"), (Namespace, "caller"), ("outside", "outsider") })
            mesh.Kubectl("rollout", "status", $"deployment/{name}", "-n", ns, "--timeout=120s");
        return new IdentityStage(mesh);
    }

    /// <summary>Takes out every rule a test may have left.</summary>
    public void RemoveRules() => Mesh.Kubectl("delete", "peerauthentications", "-A", "--all", "--wait=true");

    /// <summary>Applies a PeerAuthentication.</summary>
    public void Require(string name, string spec, string ns = Namespace)
    {
        var run = TryRequire(name, spec, ns);
        Assert.True(run.ExitCode == 0, run.Error);
    }

    /// <summary>The same, whatever comes of it.</summary>
    public CommandResult TryRequire(string name, string spec, string ns = Namespace) => Mesh.TryApply($$"""
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: {name: {{name}}, namespace: {{ns}}}
        spec: {{spec}}
        """);

    public string IP(string pod, string ns = Namespace) => Mesh.Kubectl("get", "pod", pod, "-n", ns, "-o", "jsonpath={.status.podIP}");

    /// <summary>Name of the one pod of an application that is not on its way out.</summary>
    public string Pod(string ns, string app) => Assert.Single(
        JsonNode.Parse(Mesh.Kubectl("get", "pods", "-n", ns, "-l", $"app={app}", "-o", "json"))!["items"]!.AsArray(), pod => pod!["metadata"]!["deletionTimestamp"] is null)!["metadata"]!["name"]!.ToString();

    /// <summary>Runs a program in the caller (meshed).</summary>
    public CommandResult InCaller(params string[] command) => Exec(Namespace, Caller, "caller", command);

    /// <summary>Runs a program in the pod outside the mesh.</summary>
    public CommandResult InOutsider(params string[] command) => Exec("outside", Outsider, "outsider", command);

    public CommandResult Exec(string ns, string pod, string container, params string[] command) =>
        Mesh.Mesh(["exec", "--name", Mesh.Name, "-n", ns, pod, "-c", container, "--", .. command], TimeSpan.FromMinutes(2));

    /// <summary>What curl gets: the status code, 000 for none.</summary>
    public static string Code(Func<string[], CommandResult> where, string url) =>
        where(["curl", "-s", "--max-time", "10", "-o", "/dev/null", "-w", "%{http_code}", url]).Output.Trim();

    /// <summary>The first line that the server which speaks first says, and the answer to a line; empty where the connection is refused.</summary>
    public static string Greeting(Func<string[], CommandResult> where, string address)
    {
        var program = $"use IO::Socket::INET; my $s = IO::Socket::INET->new(PeerAddr => '{address}:{GreeterPort}', Timeout => 5) or exit; $SIG{{ALRM}} = sub {{ exit }}; alarm 8; print scalar <$s>; print $s qq(hello\\n); $s->shutdown(1); print while <$s>;";
        return where(["perl", "-e", program]).Output;
    }
}
