using Mesh.Testing;

namespace Mesh.EndToEnd.Tests;

/// <summary>Wrong rules: refused, or taken with a status that says what is wrong; other traffic is not touched.</summary>
[Collection(MeshCollection.Name)]
public sealed class MistakeTests(RunningMesh running)
{
    private static string Rule(string http, string name = "reviews") => $"""
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata:
          name: {name}
        spec:
          hosts: [reviews]
          http:
          {http}
        """;

    // What a rule names may come a moment after it: so long all stays as it was.
    private static readonly TimeSpan LongerThanItWaits = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("- route: [{destination: {host: reviews, subset: v9}}]", "v9")]
    [InlineData("- route: [{destination: {host: no-such-service}}]", "no-such-service")]
    public async Task What_does_not_exist_is_named_in_status_and_breaks_only_its_own_route(string http, string named)
    {
        var mesh = await running.Ready();
        mesh.Apply(Rule(http));
        await Eventually.True(() => (string?)mesh.Condition("virtualservice/reviews", "ResolvedRefs")?["status"] == "False", "ResolvedRefs is False");
        Assert.Contains(named, (string?)mesh.Condition("virtualservice/reviews", "ResolvedRefs")!["message"], StringComparison.Ordinal);
        Assert.Equal("False", (string?)mesh.Condition("virtualservice/reviews", "Ready")?["status"]);
        await Eventually.True(() => mesh.Reviews(5).All(answer => answer.StartsWith("503", StringComparison.Ordinal)), "the broken route answers 503", LongerThanItWaits);
        var details = mesh.Exec(mesh.Pod("productpage"), "productpage", "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "http://details:9080/details/0");
        Assert.Equal("200", details.Output.Trim());
    }

    [Fact]
    public async Task A_broken_destination_costs_its_share_alone()
    {
        var mesh = await running.Ready();
        mesh.Apply(Rule("- route: [{destination: {host: reviews, subset: v1}, weight: 50}, {destination: {host: reviews, subset: v9}, weight: 50}]"));
        await Eventually.True(() => mesh.Reviews(40).Any(answer => answer.StartsWith("503", StringComparison.Ordinal)), "some requests meet the broken half", LongerThanItWaits);
        var answers = mesh.Reviews(200);
        Assert.InRange(answers.Count(answer => answer == "v1"), 60, 140);
        Assert.Equal(200, answers.Count(answer => answer == "v1") + answers.Count(answer => answer.StartsWith("503", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("- route: [{destination: {host: reviews}}]\n    retries: {attempts: 2, retryOn: 'sometimes'}", "sometimes")]
    [InlineData("- match: [{uri: {regex: '/a('}}]\n    route: [{destination: {host: reviews}}]", "regex")]
    [InlineData("- match: [{uri: {regex: '(?=x)'}}]\n    route: [{destination: {host: reviews}}]", "regex")]
    [InlineData("- route: [{destination: {host: reviews, subset: v1}, weight: -1}]", "weight")]
    [InlineData("- timeout: 5", "timeout")]
    public async Task What_can_never_work_is_refused_with_its_field(string http, string named)
    {
        var mesh = await running.Ready();
        var run = mesh.TryApply(Rule(http));
        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains(named, run.Error, StringComparison.Ordinal);
        Assert.NotEqual(0, mesh.TryKubectl(["get", "virtualservice", "reviews"]).ExitCode);
        Assert.All(mesh.Reviews(10), answer => Assert.StartsWith("v", answer, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_two_rules_for_one_host_the_older_wins_and_the_younger_says_so()
    {
        var mesh = await running.Ready();
        mesh.Apply(Rule("- route: [{destination: {host: reviews, subset: v1}}]", "older"));
        mesh.WaitFor("Programmed", "virtualservice/older");
        // Creation times have seconds: the second rule must be younger by one.
        var created = DateTimeOffset.Parse((string)mesh.Get("virtualservice/older")["metadata"]!["creationTimestamp"]!, System.Globalization.CultureInfo.InvariantCulture);
        await Eventually.True(() => DateTimeOffset.UtcNow > created.AddSeconds(1.1), "a second passes");
        mesh.Apply(Rule("- route: [{destination: {host: reviews, subset: v3}}]", "younger"));
        await Eventually.True(
            () => mesh.Get("virtualservice/younger")["status"]?.ToJsonString().Contains("older", StringComparison.Ordinal) == true,
            "the younger rule's status names the older");
        Assert.NotEqual("True", (string?)mesh.Condition("virtualservice/younger", "Ready")?["status"]);
        Assert.All(mesh.Reviews(40), version => Assert.Equal("v1", version));
        mesh.Kubectl("delete", "virtualservice", "older");
        await Eventually.True(() => mesh.Reviews(20).All(version => version == "v3"), "the younger rule takes over");
    }

    [Fact]
    public async Task A_field_that_does_not_work_yet_is_named_in_status()
    {
        var mesh = await running.Ready();
        mesh.Apply(Rule("- route: [{destination: {host: reviews, subset: v1}}]\n    retries: {attempts: 1, retryOn: http3-post-connect-failure}"));
        await Eventually.True(
            () => mesh.Get("virtualservice/reviews")["status"]?.ToJsonString().Contains("retries.retryOn", StringComparison.Ordinal) == true, "status names the field");
        await Eventually.True(() => mesh.Reviews(20).All(version => version == "v1"), "the rest of the rule works");
    }
}
