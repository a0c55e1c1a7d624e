using System.Diagnostics;
using System.Net;
using Mesh.Sidecar.Config;
using Mesh.Sidecar.Identity;

namespace Mesh.Benchmarks.Convergence;

/// <summary>API server, operator and crowd: pods are written as a node agent would have, with addresses of the loopback network.</summary>
internal sealed class CrowdMesh : IAsyncDisposable
{
    /// <summary>Endpoints of the service.</summary>
    public const int Servers = 10;

    private const string Namespace = "crowd";
    private const string Host = "server.crowd.svc.cluster.local";
    private const string Pushes = "mesh_operator_push_duration";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly CrowdApi _api;
    private readonly OperatorProcess _operator;
    private readonly Crowd<ProxySnapshot> _crowd;
    private readonly CrowdPort _port;
    private SortedDictionary<double, double> _forgotten = [];
    private TrustBundle? _trust;

    private CrowdMesh(CrowdApi api, OperatorProcess @operator, CrowdPort port, Crowd<ProxySnapshot> crowd) => (_api, _operator, _port, _crowd) = (api, @operator, port, crowd);

    public static async Task<CrowdMesh> StartAsync()
    {
        var api = await CrowdApi.StartAsync([Namespace]);
        var crowd = new Crowd<ProxySnapshot>();
        var port = await CrowdPort.OpenAsync(crowd.At);
        var mesh = new CrowdMesh(api, await OperatorProcess.StartAsync(api.Server.Kubeconfig, "--record-writes", "1000"), port, crowd);
        await mesh.FurnishAsync();
        return mesh;
    }

    /// <summary>Pods and their sidecars up to this number; returns when all are ready.</summary>
    public async Task GrowAsync(int count)
    {
        _trust ??= await _api.TrustAsync(Namespace);
        await Parallel.ForEachAsync(Enumerable.Range(_crowd.Count, count - _crowd.Count), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
        {
            var address = new IPAddress([127, 1, (byte)(i / 250), (byte)(1 + (i % 250))]);
            var name = $"client-{i}";
            var uid = await _api.PodAsync(Namespace, name, """ "app": "client", "version": "v1" """, address.ToString());
            var file = await _api.TokenFileAsync(Namespace, name, uid);
            _crowd.Add(address, new SimulatedSidecar(new PodIdentity(uid, Namespace, name, "default", "0.0.0"), _trust, file, TimeProvider.System, new Random(i)));
        });
        await _crowd.ReadyAsync();
    }

    /// <summary>Sends the service's traffic to a version; how long until the last proxy does, and until status says so.</summary>
    public async Task<(TimeSpan Last, TimeSpan Programmed)> RouteAsync(string version)
    {
        const string Path = $"apis/networking.istio.io/v1/namespaces/{Namespace}/virtualservices/server";
        var (start, last) = await _crowd.ObeyedAsync(snapshot => LeadsTo(snapshot, version), () => _api.ApplyAsync(Path, Route(version)));
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
    public async Task ForgetPushesAsync() => _forgotten = await _operator.BucketsAsync(Pushes);

    /// <summary>The operator's histogram of the time from plan to acknowledgement, in milliseconds, since the last time it was asked.</summary>
    public async Task<(double P50, double P99)> PushesAsync()
    {
        var before = _forgotten;
        _forgotten = await _operator.BucketsAsync(Pushes);
        return Shares.Of(before, _forgotten);
    }

    public async ValueTask DisposeAsync()
    {
        _operator.Dispose();
        await _crowd.DisposeAsync();
        await _port.DisposeAsync();
        _api.Dispose();
    }

    private async Task FurnishAsync()
    {
        await _api.ApplyAsync($"api/v1/namespaces/{Namespace}/services/server", """
            {apiVersion: v1, kind: Service, metadata: {name: server}, spec: {clusterIP: 10.96.7.7, selector: {app: server}, ports: [{name: http, port: 9080}]}}
            """);
        for (var i = 0; i < Servers; i++)
            await _api.PodAsync(Namespace, $"server-{i}", $""" "app": "server", "version": "v{1 + (i % 2)}", "sidecar.istio.io/inject": "false" """, ServerAddress(i).ToString());
        await SliceAsync(null);
        await _api.ApplyAsync($"apis/networking.istio.io/v1/namespaces/{Namespace}/destinationrules/server", """
            {apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: server}, spec: {host: server, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}}
            """);
        await _api.ApplyAsync($"apis/networking.istio.io/v1/namespaces/{Namespace}/virtualservices/server", Route("v1"));
    }

    private static string Route(string version) => $$$"""
        {apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: server}, spec: {hosts: [server], http: [{route: [{destination: {host: server, subset: {{{version}}}}}]}]}}
        """;

    private Task SliceAsync(int? without) => _api.ApplyAsync($"apis/discovery.k8s.io/v1/namespaces/{Namespace}/endpointslices/server-1", $$$"""
        {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, addressType: IPv4, metadata: {name: server-1, labels: {kubernetes.io/service-name: server}},
         ports: [{name: http, port: 9080, protocol: TCP}],
         endpoints: [{{{string.Join(", ", Enumerable.Range(0, Servers).Where(i => i != without).Select(i => $"{{addresses: [{ServerAddress(i)}], conditions: {{ready: true, serving: true, terminating: false}}, targetRef: {{kind: Pod, namespace: {Namespace}, name: server-{i}}}}}"))}}}]}
        """);

    private static bool LeadsTo(ProxySnapshot snapshot, string version) => snapshot.Config.Routes
        .SelectMany(table => table.VirtualHosts).Where(host => host.Name.StartsWith(Host, StringComparison.Ordinal))
        .SelectMany(host => host.Routes).SelectMany(route => route.Destinations).Any(destination => destination.Cluster.Contains($"|{version}|", StringComparison.Ordinal));

    private static bool Has(ProxySnapshot snapshot, string address) =>
        snapshot.Config.Endpoints.Any(group => group.Host == Host && group.Endpoints.Any(endpoint => endpoint.Address == address));

    private static IPAddress ServerAddress(int number) => new([127, 2, 0, (byte)(1 + number)]);
}
