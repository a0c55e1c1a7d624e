using System.Text.Json.Nodes;
using Mesh.Config;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Tests;

public sealed class StoreTests
{
    private static readonly string Everything = string.Join("\n---\n",
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: default, labels: {istio-injection: enabled}}",
        "apiVersion: v1\nkind: Node\nmetadata: {name: n1, labels: {topology.kubernetes.io/zone: z1, topology.kubernetes.io/region: r1}}",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: mesh, namespace: mesh-system}\ndata: {mesh: 'accessLogFile: /dev/stdout'}",
        Given.Service("reviews", "{name: http, port: 9080}"),
        Given.Pod("reviews-v1-1", "app: reviews, version: v1"),
        Given.Pod("reviews-v2-1", "app: reviews, version: v2", ip: "10.1.0.2"),
        Given.Slice("reviews", 9080, Given.Endpoint("10.1.0.1", "reviews-v1-1") + ", " + Given.Endpoint("10.1.0.2", "reviews-v2-1")),
        Given.VirtualService("reviews", "{hosts: [reviews], http: [{route: [{destination: {host: reviews, subset: v1}}]}]}"),
        Given.DestinationRule("reviews", "{host: reviews, subsets: [{name: v1, labels: {version: v1}}]}"),
        Given.ServiceEntry("partner", "{hosts: [api.partner.com], ports: [{number: 443, name: tls, protocol: TLS}], resolution: STATIC, workloadSelector: {labels: {app: partner}}}"),
        Given.WorkloadEntry("partner-1", "{address: 192.0.2.1, labels: {app: partner}}"),
        Given.Sidecar("default", "{egress: [{hosts: ['./*']}]}"),
        Given.MutualPod("ratings-1", "app: ratings", ip: "10.1.0.3"),
        Given.PeerAuthentication("ratings", "{selector: {matchLabels: {app: ratings}}, mtls: {mode: STRICT}, portLevelMtls: {9080: {mode: DISABLE}}}"));

    [Fact]
    public void An_event_that_changes_nothing_gives_the_same_instance()
    {
        var snapshot = Cluster.Of(Everything);
        foreach (var document in Yaml.Documents(Everything)) Assert.Same(snapshot, snapshot.Put(document));
    }

    [Fact]
    public void What_the_mesh_does_not_act_on_changes_nothing()
    {
        var snapshot = Cluster.Of(Everything);
        Assert.Same(snapshot, snapshot.With(Given.Pod("reviews-v1-1", "app: reviews, version: v1", extra: ", resourceVersion: '77', managedFields: []")));
    }

    [Fact]
    public void A_status_or_label_of_a_rule_is_not_a_change_of_the_rule()
    {
        var snapshot = Cluster.Of(Everything);
        var rule = Yaml.Documents(Everything).Single(document => document["kind"]!.ToString() == "VirtualService");
        rule["status"] = new JsonObject { ["conditions"] = new JsonArray() };
        rule["metadata"]!["labels"] = new JsonObject { ["team"] = "a" };
        Assert.Same(snapshot, snapshot.Put(rule));
    }

    [Fact]
    public void Parts_that_did_not_change_are_shared()
    {
        var before = Cluster.Of(Everything);
        var after = before.With(Given.Pod("new", "app: new"));
        Assert.NotSame(before.Workloads, after.Workloads);
        Assert.Same(before.Services, after.Services);
        Assert.Same(before.VirtualServices, after.VirtualServices);
    }

    [Fact]
    public void The_order_of_events_does_not_show()
    {
        var documents = Yaml.Documents(Everything).ToArray();
        var expected = Describe(Cluster.Of(Everything));
        for (var seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            random.Shuffle(documents);
            var snapshot = MeshSnapshot.Empty;
            foreach (var document in documents)
            {
                snapshot = snapshot.Put(document);
                if (random.Next(3) == 0) snapshot = snapshot.Remove(document).Put(document);
            }

            Assert.Equal(expected, Describe(snapshot));
        }
    }

    [Fact]
    public void What_is_removed_is_gone_and_removing_it_again_changes_nothing()
    {
        var snapshot = Cluster.Of(Everything).Without(Everything);
        Assert.Equal(Describe(MeshSnapshot.Empty), Describe(snapshot));
        Assert.Same(snapshot, snapshot.Without(Everything));
    }

    [Theory]
    [InlineData("ReplicaSet", "reviews-v1-5d8f7b", "pod-template-hash: 5d8f7b", "reviews-v1")]
    [InlineData("ReplicaSet", "made-by-hand", "app: x", "made-by-hand")]
    [InlineData("StatefulSet", "db", "app: db", "db")]
    [InlineData("Job", "report-29011680", "app: report", "report")]
    [InlineData("Job", "once", "app: once", "once")]
    public void A_workload_is_named_by_what_people_wrote(string ownerKind, string owner, string labels, string expected)
    {
        var snapshot = Cluster.Of(Given.Pod("p", labels, extra: $", ownerReferences: [{{kind: {ownerKind}, name: {owner}, controller: true, apiVersion: v1, uid: u}}]"));
        Assert.Equal(expected, snapshot.Workloads[new ObjectKey("default", "p")].WorkloadName);
    }

    [Fact]
    public void Mesh_wide_settings_are_read_field_by_field()
    {
        var settings = MeshWideSettingsReader.Read("""
            trustDomain: example.org
            outboundTrafficPolicy: {mode: REGISTRY_ONLY}
            accessLogFile: /dev/stdout
            accessLogFormat: '{"status": "%RESPONSE_CODE%"}'
            accessLogEncoding: JSON
            pathNormalization: {normalization: MERGE_SLASHES}
            enableAutoMtls: false
            meshMTLS: {minProtocolVersion: TLSV1_3}
            defaultConfig: {proxyMetadata: {SECRET_TTL: 1h30m}}
            """);
        Assert.False(settings.AutoMutualTls);
        Assert.Equal(TlsVersion.Tls13, settings.MinimumTlsVersion);
        Assert.Equal(TimeSpan.FromMinutes(90), settings.WorkloadCertificateLife);
        Assert.Equal(PathNormalization.MergeSlashes, settings.PathNormalization);
        Assert.Equal("example.org", settings.TrustDomain);
        Assert.Equal(UnknownDestinations.RegistryOnly, settings.UnknownDestinations);
        Assert.Equal("/dev/stdout", settings.AccessLogFile);
        Assert.True(settings.AccessLogJson);
        Assert.Equal("{\"status\": \"%RESPONSE_CODE%\"}", settings.AccessLogFormat);
        Assert.Empty(settings.Findings);
    }

    [Theory]
    [InlineData("enableTracing: true", "data.mesh.enableTracing", "MESH0001")]
    [InlineData("outboundTrafficPolicy: {mode: SOMETIMES}", "data.mesh.outboundTrafficPolicy.mode", "MESH0004")]
    [InlineData("pathNormalization: {normalization: ALL}", "data.mesh.pathNormalization", "IST0106")]
    [InlineData("accessLogFormat: 'a dead %'", "data.mesh.accessLogFormat", "IST0106")]
    [InlineData("accessLogEncoding: XML", "data.mesh.accessLogEncoding", "IST0106")]
    [InlineData("trustDomain: Not_A.Domain/x", "data.mesh.trustDomain", "IST0106")]
    [InlineData("trustDomain: Example.org", "data.mesh.trustDomain", "IST0106")]
    [InlineData("trustDomain: ''", "data.mesh.trustDomain", "IST0106")]
    [InlineData("enableAutoMtls: sometimes", "data.mesh.enableAutoMtls", "IST0106")]
    [InlineData("meshMTLS: {minProtocolVersion: TLSV1_0}", "data.mesh.meshMTLS.minProtocolVersion", "IST0106")]
    [InlineData("meshMTLS: {ecdhCurves: [P-256]}", "data.mesh.meshMTLS.ecdhCurves", "MESH0001")]
    [InlineData("meshMTLS: TLSV1_3", "data.mesh.meshMTLS", "IST0106")]
    [InlineData("defaultConfig: {meshId: a}", "data.mesh.defaultConfig.meshId", "MESH0001")]
    [InlineData("defaultConfig: {proxyMetadata: {ISTIO_META_DNS_CAPTURE: perhaps}}", "data.mesh.defaultConfig.proxyMetadata.ISTIO_META_DNS_CAPTURE", "IST0106")]
    [InlineData("defaultConfig: {proxyMetadata: {ISTIO_META_DNS_AUTO_ALLOCATE: 'false'}}", "data.mesh.defaultConfig.proxyMetadata.ISTIO_META_DNS_AUTO_ALLOCATE", "MESH0001")]
    [InlineData("defaultConfig: {proxyMetadata: {SECRET_TTL: a day}}", "data.mesh.defaultConfig.proxyMetadata.SECRET_TTL", "IST0106")]
    [InlineData("defaultConfig: {proxyMetadata: {SECRET_TTL: 0s}}", "data.mesh.defaultConfig.proxyMetadata.SECRET_TTL", "IST0106")]
    [InlineData("a: [b", "data.mesh", "MESH0003")]
    [InlineData("- a", "data.mesh", "MESH0003")]
    public void What_is_not_acted_on_in_the_settings_is_named(string yaml, string path, string code)
    {
        var settings = MeshWideSettingsReader.Read(yaml);
        var finding = Assert.Single(settings.Findings);
        Assert.Equal((path, code), (finding.Path, finding.Code));
        Assert.Equal(MeshWideSettings.Default, settings with { Findings = [] });
    }

    [Theory]
    [InlineData("defaultConfig: {proxyMetadata: {ISTIO_META_DNS_CAPTURE: 'true', ISTIO_META_DNS_AUTO_ALLOCATE: 'true'}}", true)]
    [InlineData("defaultConfig: {proxyMetadata: {ISTIO_META_DNS_CAPTURE: 'false'}}", false)]
    public void Capture_of_DNS_is_switched_by_the_settings(string yaml, bool captured)
    {
        var settings = MeshWideSettingsReader.Read(yaml);
        Assert.Empty(settings.Findings);
        Assert.Equal(captured, settings.DnsCapture);
    }

    [Theory]
    [InlineData("1s", "00:01:00")]
    [InlineData("8760h", "90.00:00:00")]
    public void The_life_of_certificates_is_kept_within_bounds_and_says_so(string written, string expected)
    {
        var settings = MeshWideSettingsReader.Read($"defaultConfig: {{proxyMetadata: {{SECRET_TTL: {written}}}}}");
        Assert.Equal(TimeSpan.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), settings.WorkloadCertificateLife);
        Assert.Equal(Api.Severity.Warning, Assert.Single(settings.Findings).Severity);
    }

    private static string Describe(MeshSnapshot snapshot) => string.Join('\n',
        snapshot.Namespaces.Values.Select(o => $"{o}").Concat(snapshot.Nodes.Values.Select(o => $"{o}"))
            .Concat(snapshot.Workloads.Values.Select(o => $"{o.Key} {o.GetHashCode()}"))
            .Concat(snapshot.Services.Values.Select(o => $"{o.Key} {o.GetHashCode()}"))
            .Concat(snapshot.Slices.Values.Select(o => $"{o.Key} {o.GetHashCode()}"))
            .Concat(snapshot.VirtualServices.Values.Select(o => $"{o.Key} {o.SpecJson}"))
            .Concat(snapshot.DestinationRules.Values.Select(o => $"{o.Key} {o.SpecJson}"))
            .Concat(snapshot.ServiceEntries.Values.Select(o => $"{o.Key} {o.SpecJson}"))
            .Concat(snapshot.WorkloadEntries.Values.Select(o => $"{o.Key} {o.SpecJson}"))
            .Concat(snapshot.Sidecars.Values.Select(o => $"{o.Key} {o.SpecJson}"))
            .Concat(snapshot.PeerAuthentications.Values.Select(o => $"{o.Key} {o.SpecJson}"))
            .Append($"{snapshot.Settings.AccessLogFile}"));
}
