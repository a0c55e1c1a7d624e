using Mesh.Testing;

namespace Mesh.EndToEnd.Tests.Cluster;

/// <summary>The tasks of Istio's documentation, with Istio's own files.</summary>
[Collection(ClusterCollection.Name)]
public sealed class IstioTaskTests(IstioTasks tasks) : IClassFixture<IstioTasks>
{
    private const string TrippingSoon = """
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: httpbin}
        spec:
          host: httpbin
          trafficPolicy:
            connectionPool:
              tcp: {maxConnections: 1}
              http: {http1MaxPendingRequests: 1, maxRequestsPerConnection: 1}
            outlierDetection: {consecutive5xxErrors: 1, interval: 1s, baseEjectionTime: 3m, maxEjectionPercent: 100}
        """;

    private const string Jason = "end-user: jason";

    [Fact]
    public async Task Request_routing()
    {
        await tasks.ReadyAsync();
        tasks.Apply("bookinfo/networking/virtual-service-all-v1.yaml");
        tasks.Programmed("virtualservice/reviews");
        Assert.All(tasks.Reviews(30), version => Assert.Equal("v1", version));
        tasks.Apply("bookinfo/networking/virtual-service-reviews-test-v2.yaml");
        tasks.Programmed("virtualservice/reviews");
        Assert.All(tasks.Reviews(20, Jason), version => Assert.Equal("v2", version));
        Assert.All(tasks.Reviews(20), version => Assert.Equal("v1", version));
    }

    [Theory]
    [InlineData("bookinfo/networking/virtual-service-reviews-80-20.yaml", "v2", 0.2)]
    [InlineData("bookinfo/networking/virtual-service-reviews-50-v3.yaml", "v3", 0.5)]
    public async Task Traffic_shifting(string file, string version, double share)
    {
        await tasks.ReadyAsync();
        tasks.Apply(file);
        tasks.Programmed("virtualservice/reviews");
        const int Requests = 300;
        var bound = 5 * Math.Sqrt(Requests * share * (1 - share));
        Assert.InRange(tasks.Reviews(Requests).Count(answer => answer == version), Requests * share - bound, Requests * share + bound);
    }

    [Fact]
    public async Task Fault_injection_of_a_delay()
    {
        await tasks.ReadyAsync();
        tasks.Apply("bookinfo/networking/virtual-service-ratings-test-delay.yaml");
        tasks.Programmed("virtualservice/ratings");
        Assert.InRange(Seconds(tasks.Curl("-o", "/dev/null", "-w", "%{time_total}", "-H", Jason, "http://ratings:9080/ratings/0")), 6.9, 12);
        Assert.InRange(Seconds(tasks.Curl("-o", "/dev/null", "-w", "%{time_total}", "http://ratings:9080/ratings/0")), 0, 4);
    }

    [Fact]
    public async Task Fault_injection_of_an_abort()
    {
        await tasks.ReadyAsync();
        tasks.Apply("bookinfo/networking/virtual-service-ratings-test-abort.yaml");
        tasks.Programmed("virtualservice/ratings");
        Assert.Equal("fault filter abort 500", tasks.Curl("-H", Jason, "-w", " %{http_code}", "http://ratings:9080/ratings/0"));
        Assert.Equal("200", tasks.Curl("-o", "/dev/null", "-w", "%{http_code}", "http://ratings:9080/ratings/0"));
    }

    [Fact]
    public async Task Request_timeouts()
    {
        await tasks.ReadyAsync();
        tasks.ApplyText("""
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: reviews}
            spec:
              hosts: [reviews]
              http:
                - route: [{destination: {host: reviews, subset: v2}}]
                  timeout: 0.5s
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: ratings}
            spec:
              hosts: [ratings]
              http:
                - fault: {delay: {percentage: {value: 100}, fixedDelay: 2s}}
                  route: [{destination: {host: ratings, subset: v1}}]
            """);
        tasks.Programmed("virtualservice/reviews");
        tasks.Programmed("virtualservice/ratings");
        Assert.Equal("504", tasks.Curl("-o", "/dev/null", "-w", "%{http_code}", "http://reviews:9080/reviews/0"));
    }

    [Fact]
    public async Task Circuit_breaking()
    {
        await tasks.ReadyAsync();
        tasks.ApplyText(TrippingSoon);
        tasks.Programmed("destinationrule/httpbin");
        Assert.Equal("200", tasks.Curl("-o", "/dev/null", "-w", "%{http_code}", "http://httpbin:8000/get"));
        var codes = tasks.Curl("--parallel", "--parallel-immediate", "--parallel-max", "6", "-o", "/dev/null", "-w", "%{http_code}\\n", "http://httpbin:8000/delay/0.3?n=[1-18]").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(codes, code => Assert.Contains(code, new[] { "200", "503" }));
        Assert.Contains("200", codes);
        Assert.Contains("503", codes);
    }

    [Fact]
    public async Task Circuit_breaking_with_fortio()
    {
        await tasks.ReadyAsync();
        tasks.Apply("httpbin/sample-client/fortio-deploy.yaml");
        tasks.Kubectl("wait", "--for=condition=Available", "deployment/fortio-deploy", "-n", tasks.Namespace, "--timeout=180s");
        tasks.ApplyText(TrippingSoon);
        tasks.Programmed("destinationrule/httpbin");
        Assert.Contains("200 OK", Fortio("curl", "-quiet", "http://httpbin:8000/get"), StringComparison.Ordinal);
        var load = Fortio("load", "-c", "6", "-qps", "0", "-n", "60", "-loglevel", "Warning", "http://httpbin:8000/get");
        Assert.Contains("Code 200 : ", load, StringComparison.Ordinal);
        Assert.Contains("Code 503 : ", load, StringComparison.Ordinal);

        string Fortio(params string[] arguments) =>
            tasks.Kubectl(["exec", "-n", tasks.Namespace, "deployment/fortio-deploy", "-c", "fortio", "--", "/usr/bin/fortio", .. arguments]);
    }

    [Fact]
    public async Task Tcp_traffic_shifting()
    {
        await tasks.ReadyAsync();
        tasks.Apply("tcp-echo/tcp-echo-services.yaml");
        tasks.Kubectl("wait", "--for=condition=Available", "deployment", "--all", "-n", tasks.Namespace, "--timeout=180s");
        tasks.ApplyText(Echo(100, 0));
        tasks.Programmed("virtualservice/tcp-echo");
        Assert.All(Answers(20), answer => Assert.Equal("one hello", answer));
        tasks.ApplyText(Echo(80, 20));
        tasks.Programmed("virtualservice/tcp-echo");
        // Far from both ends of 60 drawn at 20 %: less than one run in a million fails by chance.
        Assert.InRange(Answers(60).Count(answer => answer == "two hello"), 1, 35);

        // Without a gateway the rule is for the clients of the mesh.
        static string Echo(int one, int two) => $$$"""
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: tcp-echo-destination}
            spec:
              host: tcp-echo
              subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: tcp-echo}
            spec:
              hosts: [tcp-echo]
              tcp:
                - match: [{port: 9000}]
                  route:
                    - {weight: {{{one}}}, destination: {host: tcp-echo, port: {number: 9000}, subset: v1}}
                    - {weight: {{{two}}}, destination: {host: tcp-echo, port: {number: 9000}, subset: v2}}
            """;

        string[] Answers(int times) => tasks.Kubectl(
            "exec", "-n", tasks.Namespace, "deployment/curl", "-c", "curl", "--", "sh", "-c",
            $"for i in $(seq {times}); do (echo hello; sleep 0.2) | curl -s --max-time 0.5 telnet://tcp-echo:9000; done; true").Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    [Fact]
    public async Task Mirroring()
    {
        await tasks.ReadyAsync();
        tasks.ApplyText("""
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: httpbin}
            spec:
              hosts: [httpbin]
              http:
                - route: [{destination: {host: httpbin}}]
                  mirror: {host: ratings, subset: v1}
                  mirrorPercentage: {value: 100.0}
            """);
        tasks.Programmed("virtualservice/httpbin");
        const string Marker = "/ratings/7?mirrored=";
        var before = Mirrored();
        Assert.Equal("404", tasks.Curl("-o", "/dev/null", "-w", "%{http_code}", $"http://httpbin:8000{Marker}1"));
        await Eventually.True(() => Mirrored() > before, "ratings got a copy");

        int Mirrored() => tasks.Kubectl("logs", "-n", tasks.Namespace, "deployment/ratings-v1", "-c", "mesh-proxy", "--tail=2000")
            .Split('\n').Count(line => line.Contains(Marker, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_gateways_of_the_samples_are_known()
    {
        await tasks.ReadyAsync();
        tasks.Apply("bookinfo/networking/bookinfo-gateway.yaml");
        Assert.Contains("bookinfo-gateway", tasks.Kubectl("get", "gateways.networking.istio.io", "-n", tasks.Namespace, "-o", "name"), StringComparison.Ordinal);
    }

    private static double Seconds(string text) => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
