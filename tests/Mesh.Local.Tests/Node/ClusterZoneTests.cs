using k8s;
using k8s.Models;
using Mesh.Local.Node.Dns;

namespace Mesh.Local.Tests.Node;

public sealed class ClusterZoneTests
{
    private static readonly Dictionary<string, V1Service> Services = new[]
    {
        "{metadata: {name: web, namespace: default}, spec: {clusterIP: 10.1.0.5, clusterIPs: [10.1.0.5], ports: [{name: http, port: 80, protocol: TCP}]}}",
        "{metadata: {name: db, namespace: default}, spec: {clusterIP: None, ports: [{name: sql, port: 5432, protocol: TCP}]}}",
        "{metadata: {name: ext, namespace: default}, spec: {type: ExternalName, externalName: example.com}}",
    }.Select(yaml => KubernetesYaml.Deserialize<V1Service>(yaml)).ToDictionary(s => s.Metadata.Name);

    private static readonly V1EndpointSlice Db = KubernetesYaml.Deserialize<V1EndpointSlice>("""
        metadata: {name: db-1, namespace: default, labels: {kubernetes.io/service-name: db}}
        addressType: IPv4
        ports: [{name: sql, port: 5432, protocol: TCP}]
        endpoints:
        - {addresses: [10.0.0.1], hostname: db-0, conditions: {ready: true}}
        - {addresses: [10.0.0.2], hostname: db-1, conditions: {ready: false}}
        """);

    private readonly ClusterZone _zone = new(
        (ns, name) => ns == "default" ? Services.GetValueOrDefault(name) : null,
        (_, name) => name == "db" ? [Db] : []);

    [Fact]
    public void A_service_has_its_cluster_ip() => Assert.Equal(["10.1.0.5"], Addresses("web.default.svc.cluster.local"));

    [Fact]
    public void A_headless_service_has_its_ready_pods() => Assert.Equal(["10.0.0.1"], Addresses("db.default.svc.cluster.local"));

    [Fact]
    public void A_pod_of_a_headless_service_has_a_name() => Assert.Equal(["10.0.0.1"], Addresses("db-0.db.default.svc.cluster.local"));

    [Fact]
    public void An_external_name_is_an_alias() => Assert.Equal("example.com", _zone.Find("ext.default.svc.cluster.local")!.Alias);

    [Fact]
    public void Named_ports_have_service_records()
    {
        Assert.Equal([("web.default.svc.cluster.local", 80)], _zone.Find("_http._tcp.web.default.svc.cluster.local")!.Services);
        Assert.Equal([("db-0.db.default.svc.cluster.local", 5432)], _zone.Find("_sql._tcp.db.default.svc.cluster.local")!.Services);
    }

    [Fact]
    public void Names_are_read_without_regard_to_case() => Assert.Equal(["10.1.0.5"], Addresses("WEB.Default.svc.cluster.LOCAL"));

    [Theory]
    [InlineData("nothing.default.svc.cluster.local")]
    [InlineData("web.other.svc.cluster.local")]
    [InlineData("x.web.default.svc.cluster.local")]
    [InlineData("_other._tcp.web.default.svc.cluster.local")]
    [InlineData("example.com.default.svc.cluster.local")]
    public void What_does_not_exist_has_no_name(string name) => Assert.Null(_zone.Find(name));

    [Fact]
    public void Names_between_exist_and_have_nothing() => Assert.Empty(_zone.Find("default.svc.cluster.local")!.Addresses);

    private IEnumerable<string> Addresses(string name) => _zone.Find(name)!.Addresses.Select(a => a.ToString());
}
