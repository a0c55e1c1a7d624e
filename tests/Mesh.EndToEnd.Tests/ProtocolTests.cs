using Mesh.Testing;

namespace Mesh.EndToEnd.Tests;

/// <summary>Other people's programs in pods, through two sidecars or through one.</summary>
[Collection(MeshCollection.Name)]
public sealed class ProtocolTests(RunningMesh running)
{
    /// <summary>A deployment of a program of this machine, and its service where a port is given.</summary>
    private static string Workload(string name, string container, string port = "", string labels = "") => (port.Length == 0 ? "" : $$"""
        apiVersion: v1
        kind: Service
        metadata:
          name: {{name}}
        spec:
          selector: {app: {{name}}}
          ports: [{{port}}]
        ---

        """) + $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: {{name}}
        spec:
          selector:
            matchLabels: {app: {{name}}}
          template:
            metadata:
              labels: {app: {{name}}, version: v1{{labels}}}
            spec:
              containers:
                - name: {{name}}
                  {{container}}
        """;

    private const string NoSidecar = ", sidecar.istio.io/inject: \"false\"";

    private static string Host(string command) => $"image: local/host\n          command: {command}";

    [Fact]
    public async Task Redis_talks_through_two_sidecars()
    {
        Needs.Program("redis-server", "redis-server");
        var mesh = await running.Ready();
        using var redis = Run(mesh, "redis", Workload("redis",
            Host("""["redis-server", "--port", "6379", "--bind", "0.0.0.0", "--protected-mode", "no", "--save", "", "--dir", "/tmp"]"""),
            "{name: tcp-redis, port: 6379}"));
        var page = mesh.Pod("productpage");
        Assert.Equal("PONG", mesh.Exec(page, "productpage", "redis-cli", "-h", "redis", "ping").Output.Trim());
        Assert.Equal("OK", mesh.Exec(page, "productpage", "redis-cli", "-h", "redis", "set", "greeting", "hello").Output.Trim());
        Assert.Equal("hello", mesh.Exec(page, "productpage", "redis-cli", "-h", "redis", "get", "greeting").Output.Trim());
    }

    [Theory]
    [InlineData("{name: tcp-greeter, port: 7000}")]
    [InlineData("{name: greeter, port: 7000}")]
    public async Task A_protocol_in_which_the_server_speaks_first_works_declared_or_not(string port)
    {
        Needs.Program("perl", "perl-base");
        var mesh = await running.Ready();
        using var greeter = Run(mesh, "greeter", Workload("greeter",
            Host("""["perl", "-MIO::Socket::INET", "-e", "my $l = IO::Socket::INET->new(LocalPort => 7000, Listen => 16, ReuseAddr => 1) or die $!; $SIG{CHLD} = 'IGNORE'; while (my $c = $l->accept) { if (fork) { close $c; next } $c->autoflush(1); print $c qq(220 welcome\n); while (<$c>) { print $c qq(echo $_) } exit 0 }"]"""),
            port));
        // The client shuts its half down after its line; the answer must come all the same.
        const string Client = "use IO::Socket::INET; my $s = IO::Socket::INET->new(PeerAddr => 'greeter:7000', Timeout => 5) or die $!; print scalar <$s>; print $s qq(hello\n); $s->shutdown(1); print while <$s>;";
        await Eventually.Is(() => Task.FromResult(mesh.Exec(mesh.Pod("productpage"), "productpage", "perl", "-e", Client).Output), text => text == "220 welcome\necho hello\n", "greeting and echo");
    }

    [Fact]
    public async Task A_pod_without_a_sidecar_calls_a_meshed_one_and_is_called()
    {
        Needs.Program("perl", "perl-base");
        var mesh = await running.Ready();
        using var plain = Run(mesh, "plain", Workload("plain",
            Host("""["perl", "-MIO::Socket::INET", "-e", "my $l = IO::Socket::INET->new(LocalPort => 8000, Listen => 16, ReuseAddr => 1) or die $!; while (my $c = $l->accept) { while (<$c>) { last if /^\r?$/ } print $c qq(HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nplain\n); close $c }"]"""),
            "{name: http, port: 8000}", NoSidecar));
        Assert.Single(mesh.Get($"pod/{mesh.Pod("plain")}")["spec"]!["containers"]!.AsArray());
        Assert.Null(mesh.Get($"pod/{mesh.Pod("plain")}")["spec"]!["initContainers"]);
        Assert.Equal("200", mesh.Exec(mesh.Pod("plain"), "plain", "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "http://reviews:9080/reviews/0").Output.Trim());
        Assert.Equal("plain", mesh.Exec(mesh.Pod("productpage"), "productpage", "curl", "-s", "http://plain:8000/").Output.Trim());
    }

    [Fact]
    public async Task HTTP2_in_clear_text_is_routed_like_HTTP1()
    {
        Needs.Program("nghttp", "nghttp2-client");
        var mesh = await running.Ready();
        mesh.ApplySample("all-v1.yaml");
        mesh.WaitFor("Programmed", "virtualservice/reviews");
        // Twenty streams of one connection; bookinfo speaks HTTP/1.1, so the sidecars translate.
        var run = mesh.Exec(mesh.Pod("productpage"), "productpage", "nghttp", "-nv", "-m", "20", "http://reviews:9080/reviews/0");
        var lines = run.Output.Split('\n');
        Assert.Equal(20, lines.Count(line => line.Contains(":status: 200", StringComparison.Ordinal)));
        Assert.Equal(20, lines.Count(line => line.Contains("x-bookinfo-version: v1", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_large_upload_arrives_whole()
    {
        Needs.Program("perl", "perl-base");
        var mesh = await running.Ready();
        // Answers with the number of bytes it got.
        using var sink = Run(mesh, "sink", Workload("sink",
            Host("""["perl", "-MIO::Socket::INET", "-e", "my $l = IO::Socket::INET->new(LocalPort => 8000, Listen => 64, ReuseAddr => 1) or die $!; $SIG{CHLD} = 'IGNORE'; while (my $c = $l->accept) { if (fork) { close $c; next } my $n = 0; while (<$c>) { $n = $1 if /^content-length: ([0-9]+)/i; last if /^\r?$/ } my $got = 0; while ($got < $n) { my $r = read($c, my $b, $n - $got > 1048576 ? 1048576 : $n - $got); last unless $r; $got += $r } print $c qq(HTTP/1.1 200 OK\r\nContent-Length: ) . length($got) . qq(\r\nConnection: close\r\n\r\n$got); close $c; exit 0 }"]"""),
            "{name: http, port: 8000}"));
        const long Size = 1L << 30;
        var upload = mesh.Exec(mesh.Pod("productpage"), "productpage", "bash", "-c", $"truncate -s {Size} /tmp/large && curl -s --max-time 100 -T /tmp/large http://sink:8000/; rm -f /tmp/large");
        Assert.Equal(Size.ToString(System.Globalization.CultureInfo.InvariantCulture), upload.Output.Trim());
    }

    [Fact]
    public async Task Thousands_of_short_connections_all_succeed()
    {
        Needs.Program("perl", "perl-base");
        var mesh = await running.Ready();
        // Perl makes the line ends itself: CR LF within its source would be a lone LF, which is no HTTP.
        const string Client = "use IO::Socket::INET; my $ok = 0; for (1..2000) { my $s = IO::Socket::INET->new(PeerAddr => 'details:9080', Timeout => 10) or next; print $s qq(GET /health HTTP/1.1\\r\\nHost: details\\r\\nConnection: close\\r\\n\\r\\n); my $line = <$s>; $ok++ if $line =~ / 200 /; close $s } print $ok;";
        Assert.Equal("2000", mesh.Exec(mesh.Pod("productpage"), "productpage", "perl", "-e", Client).Output.Trim());
    }

    [Fact]
    public async Task Unknown_destinations_pass_unless_only_the_registry_is_allowed()
    {
        var mesh = await running.Ready();
        using var outsider = Run(mesh, "outsider", Workload("outsider", """
            image: mesh/bookinfo
                      args: ["--service", "details", "--port", "8123"]
            """.Trim(), labels: NoSidecar));
        Assert.Equal("200", Ask(mesh));
        var before = mesh.Kubectl("-n", "mesh-system", "get", "configmap", "mesh", "-o", "jsonpath={.data}");
        mesh.ApplySample("mesh-config.yaml");
        try
        {
            await Eventually.True(() => Ask(mesh) == "502", "REGISTRY_ONLY refuses what the mesh does not know");
            Assert.All(mesh.Reviews(10), answer => Assert.StartsWith("v", answer, StringComparison.Ordinal));
        }
        finally
        {
            // Others read the access log, which is on by these settings alone.
            mesh.Kubectl("-n", "mesh-system", "patch", "configmap", "mesh", "--type=merge", "-p", $"{{\"data\":{before}}}");
        }
        await Eventually.True(() => Ask(mesh) == "200", "ALLOW_ANY holds again");

        // A pod that no service selects is an address the mesh does not know.
        static string Ask(LocalMesh mesh)
        {
            var address = (string)mesh.Get($"pod/{mesh.Pod("outsider")}")["status"]!["podIP"]!;
            return mesh.Exec(mesh.Pod("productpage"), "productpage", "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", $"http://{address}:8123/health").Output.Trim();
        }
    }

    private static Temporary Run(LocalMesh mesh, string name, string manifests)
    {
        mesh.Apply(manifests);
        var temporary = new Temporary(() => mesh.Kubectl("delete", "deployment,service", name, "--ignore-not-found"));
        try
        {
            mesh.Kubectl("rollout", "status", $"deployment/{name}", "--timeout=90s");
            return temporary;
        }
        catch
        {
            temporary.Dispose();
            throw;
        }
    }

    private sealed class Temporary(Action remove) : IDisposable
    {
        public void Dispose() => remove();
    }
}
