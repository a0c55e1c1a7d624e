using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Mesh.Benchmarks.Api;
using Mesh.Config;
using Mesh.Config.Identity;
using Mesh.Sidecar.Config;
using Mesh.Sidecar.Identity;
using Mesh.Testing;

namespace Mesh.Benchmarks.Convergence;

/// <summary>API server, operator and crowd: pods are written as a node agent would have, with addresses of the loopback network.</summary>
internal sealed class CrowdMesh : IAsyncDisposable
{
    /// <summary>Endpoints of the service.</summary>
    public const int Servers = 10;

    private const string Namespace = "crowd";
    private const string Host = "server.crowd.svc.cluster.local";
    private const string MetricsPort = "18080";
    private const string ControlAddress = "127.0.0.1:15112";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly ApiServerProcess _server;
    private readonly ApiClient _api;
    private readonly Process _operator;
    private readonly Crowd _crowd = new();
    private readonly CrowdPort _port;
    private readonly string _directory = Directory.CreateTempSubdirectory("mesh-bench-crowd-").FullName;
    private readonly HttpClient _metrics = new();
    private SortedDictionary<double, double> _forgotten = [];
    private TrustBundle? _trust;

    private CrowdMesh(ApiServerProcess server, ApiClient api, Process @operator, CrowdPort port, Crowd crowd) =>
        (_server, _api, _operator, _port, _crowd) = (server, api, @operator, port, crowd);

    public static async Task<CrowdMesh> StartAsync()
    {
        var server = await ApiServerProcess.StartAsync();
        var api = new ApiClient(server.Kubeconfig);
        foreach (var file in Directory.GetFiles(Repository.Path("crds"), "*.yaml").Order(StringComparer.Ordinal))
        {
            var text = await File.ReadAllTextAsync(file);
            foreach (var document in text.Split("\n---\n").Where(document => document.Contains("kind: CustomResourceDefinition", StringComparison.Ordinal)))
                await ApplyAsync(api, $"apis/apiextensions.k8s.io/v1/customresourcedefinitions/{NameOf(document)}", document);
        }

        foreach (var ns in new[] { "mesh-system", "istio-system" }) await ApplyAsync(api, $"api/v1/namespaces/{ns}", $"{{apiVersion: v1, kind: Namespace, metadata: {{name: {ns}}}}}");
        await ApplyAsync(api, $"api/v1/namespaces/{Namespace}", $"{{apiVersion: v1, kind: Namespace, metadata: {{name: {Namespace}, labels: {{istio-injection: enabled}}}}}}");
        var crowd = new Crowd();
        var port = await CrowdPort.OpenAsync(crowd);
        var mesh = new CrowdMesh(server, api, Operator(server.Kubeconfig), port, crowd);
        await mesh.FurnishAsync();
        return mesh;
    }

    /// <summary>Pods and their sidecars up to this number; returns when all are ready.</summary>
    public async Task GrowAsync(int count)
    {
        _trust ??= await TrustAsync();
        await Parallel.ForEachAsync(Enumerable.Range(_crowd.Count, count - _crowd.Count), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
        {
            var address = new IPAddress([127, 1, (byte)(i / 250), (byte)(1 + (i % 250))]);
            var name = $"client-{i}";
            var uid = await PodAsync(name, "app: client, version: v1", address);
            var token = await TokenAsync(name, uid);
            var file = Path.Combine(_directory, name);
            await File.WriteAllTextAsync(file, token, CancellationToken.None);
            _crowd.Add(address, new SimulatedSidecar(new PodIdentity(uid, Namespace, name, "default", "0.0.0"), _trust, file, TimeProvider.System, new Random(i)));
        });
        await _crowd.ReadyAsync();
    }

    /// <summary>Sends the service's traffic to a version; how long until the last proxy does, and until status says so.</summary>
    public async Task<(TimeSpan Last, TimeSpan Programmed)> RouteAsync(string version)
    {
        const string Path = $"apis/networking.istio.io/v1/namespaces/{Namespace}/virtualservices/server";
        var (start, last) = await _crowd.ObeyedAsync(snapshot => LeadsTo(snapshot, version), () => ApplyAsync(_api, Path, Route(version)));
        while (true)
        {
            var route = await _api.GetAsync(Path);
            if (route["status"]?["conditions"]?.AsArray().Any(c => (string?)c!["type"] == "Programmed" && (string?)c["status"] == "True" && (long?)c["observedGeneration"] == (long?)route["metadata"]!["generation"]) == true)
                return (last, Stopwatch.GetElapsedTime(start));
            if (Stopwatch.GetElapsedTime(start) > Patience) throw new InvalidOperationException($"status does not say Programmed: {route["status"]}");
            await Task.Delay(5);
        }
    }

    /// <summary>Takes an endpoint out of the service; how long until no proxy has it. Puts it back.</summary>
    public async Task<TimeSpan> KillEndpointAsync(int number)
    {
        var address = ServerAddress(number).ToString();
        var (_, last) = await _crowd.ObeyedAsync(snapshot => !Has(snapshot, address), () => SliceAsync(number));
        await _crowd.ObeyedAsync(snapshot => Has(snapshot, address), () => SliceAsync(null));
        return last;
    }

    /// <summary>What was pushed until now does not count.</summary>
    public async Task ForgetPushesAsync() => _forgotten = await BucketsAsync();

    /// <summary>The operator's histogram of the time from plan to acknowledgement, in milliseconds, since the last time it was asked.</summary>
    public async Task<(double P50, double P99)> PushesAsync()
    {
        var now = await BucketsAsync();
        var counts = now.Select(bucket => (bucket.Key, Count: bucket.Value - _forgotten.GetValueOrDefault(bucket.Key))).ToList();
        _forgotten = now;
        double At(double share) => counts.Count == 0 || counts[^1].Count == 0 ? double.NaN : counts.First(bucket => bucket.Count >= counts[^1].Count * share).Key * 1000;
        return (At(0.5), At(0.99));
    }

    public async ValueTask DisposeAsync()
    {
        _operator.Kill();
        await _crowd.DisposeAsync();
        await _port.DisposeAsync();
        _api.Dispose();
        _server.Dispose();
        _operator.Dispose();
        _metrics.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static Process Operator(string kubeconfig)
    {
        var start = new ProcessStartInfo("dotnet",
        [
            Repository.Path("bin/operator/Mesh.Operator.dll"), "--kubeconfig", kubeconfig, "--webhook-url", "https://127.0.0.1:19443", "--webhook-port", "19443",
            "--identity", "bench", "--metrics-port", MetricsPort, "--control-address", ControlAddress, "--control-port", ControlAddress.Split(':')[1], "--record-writes", "1000",
        ]) { RedirectStandardOutput = true, RedirectStandardError = true };
        var process = Process.Start(start) ?? throw new InvalidOperationException("the operator did not start");
        var log = new StreamWriter(Path.Combine(Path.GetTempPath(), "mesh-bench-operator.log")) { AutoFlush = true };
        process.OutputDataReceived += (_, e) => { lock (log) log.WriteLine(e.Data); };
        process.ErrorDataReceived += (_, e) => { lock (log) log.WriteLine(e.Data); };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private async Task FurnishAsync()
    {
        for (var patience = Stopwatch.StartNew(); ; await Task.Delay(200))
        {
            try
            {
                if ((await _metrics.GetAsync(new Uri($"http://127.0.0.1:{MetricsPort}/readyz"))).IsSuccessStatusCode) break;
            }
            catch (HttpRequestException)
            {
                // It starts.
            }

            if (_operator.HasExited || patience.Elapsed > Patience) throw new InvalidOperationException($"the operator is not ready; its log: {Path.GetTempPath()}mesh-bench-operator.log");
        }

        await ApplyAsync(_api, $"api/v1/namespaces/{Namespace}/services/server", """
            {apiVersion: v1, kind: Service, metadata: {name: server}, spec: {clusterIP: 10.96.7.7, selector: {app: server}, ports: [{name: http, port: 9080}]}}
            """);
        for (var i = 0; i < Servers; i++) await PodAsync($"server-{i}", $"app: server, version: v{1 + (i % 2)}, sidecar.istio.io/inject: \"false\"", ServerAddress(i));
        await SliceAsync(null);
        await ApplyAsync(_api, $"apis/networking.istio.io/v1/namespaces/{Namespace}/destinationrules/server", """
            {apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: server}, spec: {host: server, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}}
            """);
        await ApplyAsync(_api, $"apis/networking.istio.io/v1/namespaces/{Namespace}/virtualservices/server", Route("v1"));
    }

    private static string Route(string version) => $$$"""
        {apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: server}, spec: {hosts: [server], http: [{route: [{destination: {host: server, subset: {{{version}}}}}]}]}}
        """;

    private async Task<string> PodAsync(string name, string labels, IPAddress address)
    {
        var path = $"api/v1/namespaces/{Namespace}/pods/{name}";
        await ApplyAsync(_api, path, $$$"""
            {apiVersion: v1, kind: Pod, metadata: {name: {{{name}}}, labels: { {{{labels}}} }}, spec: {nodeName: node-1, containers: [{name: app, image: none}]}}
            """);
        await _api.SendAsync(HttpMethod.Patch, $"{path}/status", Encoding.UTF8.GetBytes($$$"""
            {"status": {"phase": "Running", "podIP": "{{{address}}}", "podIPs": [{"ip": "{{{address}}}"}], "conditions": [{"type": "Ready", "status": "True"}]}}
            """), "application/merge-patch+json");
        return (await _api.GetAsync(path))["metadata"]!["uid"]!.GetValue<string>();
    }

    private async Task<string> TokenAsync(string pod, string uid) => (await _api.PostAsync($"api/v1/namespaces/{Namespace}/serviceaccounts/default/token", Encoding.UTF8.GetBytes($$$"""
        {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"audiences": ["{{{WellKnown.TokenAudience}}}"], "expirationSeconds": 86400, "boundObjectRef": {"apiVersion": "v1", "kind": "Pod", "name": "{{{pod}}}", "uid": "{{{uid}}}"} } }
        """)))["status"]!["token"]!.GetValue<string>();

    private async Task<TrustBundle> TrustAsync()
    {
        for (var patience = Stopwatch.StartNew(); patience.Elapsed < Patience; await Task.Delay(100))
        {
            try
            {
                var data = (await _api.GetAsync($"api/v1/namespaces/{Namespace}/configmaps/{WellKnown.TrustConfigMap}"))["data"]!;
                var roots = new X509Certificate2Collection();
                roots.ImportFromPem(data[WellKnown.TrustRoots]!.GetValue<string>());
                SpiffeId.TryParse(data[WellKnown.TrustOperator]!.GetValue<string>().Trim(), out var id);
                return new TrustBundle { Roots = roots, Operator = id!, Address = data[WellKnown.TrustAddress]!.GetValue<string>().Trim(), TrustDomain = data[WellKnown.TrustDomain]!.GetValue<string>().Trim() };
            }
            catch (InvalidOperationException)
            {
                // Not written yet.
            }
        }

        throw new InvalidOperationException("the operator has not written mesh-root");
    }

    private Task SliceAsync(int? without) => ApplyAsync(_api, $"apis/discovery.k8s.io/v1/namespaces/{Namespace}/endpointslices/server-1", $$$"""
        {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, addressType: IPv4, metadata: {name: server-1, labels: {kubernetes.io/service-name: server}},
         ports: [{name: http, port: 9080, protocol: TCP}],
         endpoints: [{{{string.Join(", ", Enumerable.Range(0, Servers).Where(i => i != without).Select(i => $"{{addresses: [{ServerAddress(i)}], conditions: {{ready: true, serving: true, terminating: false}}, targetRef: {{kind: Pod, namespace: {Namespace}, name: server-{i}}}}}"))}}}]}
        """);

    private static Task ApplyAsync(ApiClient api, string path, string yaml) =>
        api.SendAsync(HttpMethod.Patch, $"{path}?fieldManager=bench&force=true", Encoding.UTF8.GetBytes(yaml), "application/apply-patch+yaml");

    private async Task<SortedDictionary<double, double>> BucketsAsync()
    {
        var buckets = new SortedDictionary<double, double>();
        foreach (var line in (await _metrics.GetStringAsync(new Uri($"http://127.0.0.1:{MetricsPort}/metrics"))).Split('\n').Where(line => line.Contains("push_duration", StringComparison.Ordinal) && line.Contains("_bucket{", StringComparison.Ordinal)))
        {
            var from = line.IndexOf("le=\"", StringComparison.Ordinal) + 4;
            var limit = line[from..line.IndexOf('"', from)];
            var bound = limit == "+Inf" ? double.PositiveInfinity : double.Parse(limit, CultureInfo.InvariantCulture);
            buckets[bound] = buckets.GetValueOrDefault(bound) + double.Parse(line[(line.LastIndexOf('}') + 1)..].Trim().Split(' ')[0], CultureInfo.InvariantCulture);
        }

        return buckets;
    }

    private static bool LeadsTo(ProxySnapshot snapshot, string version) => snapshot.Config.Routes
        .SelectMany(table => table.VirtualHosts).Where(host => host.Name.StartsWith(Host, StringComparison.Ordinal))
        .SelectMany(host => host.Routes).SelectMany(route => route.Destinations).Any(destination => destination.Cluster.Contains($"|{version}|", StringComparison.Ordinal));

    private static bool Has(ProxySnapshot snapshot, string address) =>
        snapshot.Config.Endpoints.Any(group => group.Host == Host && group.Endpoints.Any(endpoint => endpoint.Address == address));

    private static IPAddress ServerAddress(int number) => new([127, 2, 0, (byte)(1 + number)]);

    private static string NameOf(string document)
    {
        var metadata = document.IndexOf("\nmetadata:", StringComparison.Ordinal);
        var name = document.IndexOf("\n  name: ", metadata, StringComparison.Ordinal) + "\n  name: ".Length;
        return document[name..document.IndexOf('\n', name)].Trim();
    }
}
