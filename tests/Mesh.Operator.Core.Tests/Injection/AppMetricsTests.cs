using System.Text.Json;
using k8s.Models;
using Mesh.Operator.Core.Injection;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Tests.Injection;

public sealed class AppMetricsTests
{
    private static readonly string Own = "prometheus.io/path=/stats/prometheus prometheus.io/port=15020 prometheus.io/scrape=true";

    [Theory]
    [InlineData("", null)]
    [InlineData("prometheus.io/scrape=true", "80 /metrics http")]
    [InlineData("prometheus.io/scrape=true prometheus.io/port=9090", "9090 /metrics http")]
    [InlineData("prometheus.io/port=9090 prometheus.io/path=own/metrics?x=$(y) prometheus.io/scheme=HTTPS", "9090 /own/metrics?x=$(y) https")]
    [InlineData("prometheus.io.port=9090 prometheus_io_scrape=true", "9090 /metrics http")]
    [InlineData("prometheus.io/scrape=true prometheus.io/port=15020 prometheus.io/path=/stats/prometheus", null)]
    public void Who_scrapes_the_pod_scrapes_the_sidecar_which_knows_where_the_application_has_its_metrics(string annotations, string? told)
    {
        var (pod, warnings) = Inject(Pod(annotations));
        Assert.Empty(warnings);
        Assert.Equal((Own, told), (Scrapes(pod), Told(pod)));
        Assert.DoesNotContain('$', Variable(pod) ?? "");
        var again = Inject(pod).Pod;
        Assert.Equal((Own, told), (Scrapes(again), Told(again)));
        Assert.Equal(pod.Metadata.Annotations, again.Metadata.Annotations);
    }

    [Theory]
    [InlineData("prometheus.io/scrape=false prometheus.io/port=9090", true)]
    [InlineData("prometheus.io/scrape=true prometheus.io/port=9090 prometheus.istio.io/merge-metrics=false", true)]
    [InlineData("prometheus.io/scrape=true prometheus.io/port=9090", false)]
    [InlineData("", false)]
    public void Where_it_is_turned_off_annotations_stay_as_they_are(string annotations, bool mesh)
    {
        var (pod, warnings) = Inject(Pod(annotations), mesh);
        Assert.Empty(warnings);
        Assert.Equal((Scrapes(Pod(annotations)), null), (Scrapes(pod), Told(pod)));
    }

    [Fact]
    public void The_pods_word_counts_over_the_meshs() =>
        Assert.Equal("9090 /metrics http", Told(Inject(Pod("prometheus.io/port=9090 prometheus.istio.io/merge-metrics=true"), mesh: false).Pod));

    [Fact]
    public void What_was_turned_to_the_sidecar_comes_back_where_it_is_turned_off_later()
    {
        var pod = Inject(Pod("prometheus.io/scrape=true prometheus.io/port=9090 prometheus.io/scheme=https")).Pod;
        pod = Inject(pod, mesh: false).Pod;
        Assert.Equal(("prometheus.io/path=/metrics prometheus.io/port=9090 prometheus.io/scheme=https prometheus.io/scrape=true", null), (Scrapes(pod), Told(pod)));
        Assert.Equal("", Scrapes(Inject(Inject(Pod("")).Pod, mesh: false).Pod));
    }

    [Theory]
    [InlineData("prometheus.io/port=http", "metadata.annotations[prometheus.io/port]: \"http\" is no port")]
    [InlineData("prometheus.io/port=0", "metadata.annotations[prometheus.io/port]: \"0\" is no port")]
    [InlineData("prometheus.io/scheme=ftp", "metadata.annotations[prometheus.io/scheme]: \"ftp\" is neither http nor https")]
    public void What_no_scraper_could_use_either_is_warned_of_and_left(string annotation, string warning)
    {
        var (pod, warnings) = Inject(Pod(annotation));
        Assert.StartsWith(warning, Assert.Single(warnings), StringComparison.Ordinal);
        Assert.Equal((annotation, null), (Scrapes(pod), Told(pod)));
    }

    [Fact]
    public void A_word_that_is_neither_true_nor_false_refuses_the_pod() =>
        Assert.StartsWith("metadata.annotations[prometheus.istio.io/merge-metrics]: \"no\"", Assert.Single(PodInjector.Inject(Pod("prometheus.istio.io/merge-metrics=no"), new InjectionSettings(), null).Problems), StringComparison.Ordinal);

    [Theory]
    [InlineData("true", true, 0)]
    [InlineData("false", false, 0)]
    [InlineData("sometimes", true, 1)]
    public void The_mesh_says_it_for_all(string value, bool expected, int findings)
    {
        var settings = MeshWideSettingsReader.Read($"enablePrometheusMerge: {value}");
        Assert.Equal((expected, findings), (settings.PrometheusMerge, settings.Findings.Count()));
    }

    private static (V1Pod Pod, IEnumerable<string> Warnings) Inject(V1Pod pod, bool mesh = true)
    {
        var result = PodInjector.Inject(pod, new InjectionSettings { PrometheusMerge = mesh }, null);
        return (result.Pod!, result.Warnings);
    }

    private static V1Pod Pod(string annotations)
    {
        var pod = Pods.Plain();
        pod.Metadata.Annotations = annotations.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(one => one.Split('=', 2)).ToDictionary(one => one[0], one => one[1]);
        return pod;
    }

    private static string Scrapes(V1Pod pod) => string.Join(' ', pod.Metadata.Annotations
        .Where(one => one.Key.StartsWith("prometheus", StringComparison.Ordinal) && one.Key != "prometheus.istio.io/merge-metrics").Select(one => $"{one.Key}={one.Value}").Order(StringComparer.Ordinal));

    private static string? Variable(V1Pod pod) => pod.Spec.InitContainers.Single(container => container.Name == "mesh-proxy").Env.SingleOrDefault(variable => variable.Name == "MESH_APP_METRICS")?.Value;

    private static string? Told(V1Pod pod)
    {
        if (Variable(pod) is not { } text) return null;
        using var told = JsonDocument.Parse(text);
        return $"{told.RootElement.GetProperty("port").GetInt32()} {told.RootElement.GetProperty("path").GetString()} {told.RootElement.GetProperty("scheme").GetString()}";
    }
}
