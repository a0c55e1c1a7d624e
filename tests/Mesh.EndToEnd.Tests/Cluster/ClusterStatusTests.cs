using System.Globalization;
using Mesh.Testing;

namespace Mesh.EndToEnd.Tests.Cluster;

/// <summary>What kubectl tells of rules on a given cluster: columns, conditions, refusals, explanations.</summary>
[Collection(ClusterCollection.Name)]
public sealed class ClusterStatusTests(ClusterBookinfo bookinfo)
{
    [Fact]
    public async Task Columns_say_that_every_proxy_holds_the_rule()
    {
        await bookinfo.ReadyAsync();
        bookinfo.ApplySample("all-v1.yaml");
        bookinfo.Kubectl("wait", "--for=condition=Ready", "virtualservice/reviews", "--timeout=60s");
        // Six applications, the client, and whoever else on that cluster sees the rule.
        var applied = await Eventually.Is(
            () => Task.FromResult(bookinfo.Kubectl("get", "virtualservice", "reviews", "-o", "jsonpath={.status.applied}")),
            said => said.Split('/') is [var held, var all] && held == all && int.Parse(all, CultureInfo.InvariantCulture) >= 7,
            "all proxies hold it", TimeSpan.FromMinutes(1));
        var lines = bookinfo.Kubectl("get", "virtualservices", "reviews").Split('\n');
        foreach (var (column, value) in new[] { ("READY", "True"), ("REASON", "InEffect"), ("APPLIED", applied) })
        {
            var at = lines[0].IndexOf(column, StringComparison.Ordinal);
            Assert.StartsWith(value, lines[1][at..], StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("- route: [{destination: {host: reviews, subset: v9}}]", "SubsetNotFound", "v9")]
    [InlineData("- route: [{destination: {host: no-such-service}}]", "HostNotFound", "no-such-service")]
    public async Task What_does_not_exist_is_named_and_breaks_only_its_own_route(string http, string reason, string named)
    {
        await bookinfo.ReadyAsync();
        bookinfo.Apply(Rule(http));
        await Eventually.True(() => (string?)bookinfo.Condition("virtualservice/reviews", "ResolvedRefs")?["status"] == "False", "ResolvedRefs is False", TimeSpan.FromMinutes(1));
        var condition = bookinfo.Condition("virtualservice/reviews", "ResolvedRefs")!;
        Assert.Equal(reason, (string?)condition["reason"]);
        Assert.Contains(named, (string?)condition["message"], StringComparison.Ordinal);
        await Eventually.True(() => bookinfo.Reviews(8).All(answer => answer.StartsWith("503", StringComparison.Ordinal)), "the broken route answers 503", TimeSpan.FromMinutes(1));
        Assert.All(bookinfo.Codes("http://details:9080/details/0", 8), code => Assert.Equal("200", code));
    }

    [Theory]
    [InlineData("- route: [{destination: {host: reviews}}]\n    retries: {attempts: 2, retryOn: 'sometimes'}", "spec.http[0].retries.retryOn", "sometimes")]
    [InlineData("- match: [{uri: {regex: '/a('}}]\n    route: [{destination: {host: reviews}}]", "spec.http[0].match[0].uri.regex", "/a(")]
    public async Task What_can_never_work_is_refused_with_its_field_and_value(string http, string field, string value)
    {
        await bookinfo.ReadyAsync();
        var run = bookinfo.Try(["apply", "-f", "-"], Rule(http));
        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains(field, run.Error, StringComparison.Ordinal);
        Assert.Contains(value, run.Error, StringComparison.Ordinal);
        Assert.NotEqual(0, bookinfo.Try(["get", "virtualservice", "reviews"]).ExitCode);
    }

    [Fact]
    public async Task Kubectl_explains_fields_and_every_rule_of_the_samples_is_taken()
    {
        await bookinfo.ReadyAsync();
        Assert.Contains("weight", bookinfo.Kubectl("explain", "virtualservices.spec.http.route", "--api-version=networking.istio.io/v1"), StringComparison.Ordinal);
        foreach (var sample in new[] { "jason-v2.yaml", "split-50-50.yaml", "fault.yaml", "mirror.yaml", "headers.yaml", "circuit-breaking.yaml", "load-balancing.yaml", "sidecar.yaml" })
            bookinfo.Kubectl("apply", "--dry-run=server", "-f", Repository.Path($"config/samples/{sample}"));
    }

    private static string Rule(string http) => $"""
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata:
          name: reviews
        spec:
          hosts: [reviews]
          http:
          {http}
        """;
}
