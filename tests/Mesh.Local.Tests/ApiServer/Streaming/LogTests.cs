using Mesh.Testing;

namespace Mesh.Local.Tests.ApiServer.Streaming;

/// <summary>`kubectl logs`, by the requests it makes.</summary>
public sealed class LogTests
{
    [Fact]
    public async Task Options_choose_what_is_read()
    {
        await using var pods = await RunningPods.StartAsync();
        var worker = await pods.StartAsync("p", "echo one; sleep 0.1; echo two >&2; sleep 0.1; echo three");
        await Eventually.True(() => pods.Node.Log(worker, "c") == "one\ntwo\nthree", "it has written");
        Assert.Equal("one\ntwo\nthree\n", await Log("container=c"));
        Assert.Equal("two\nthree\n", await Log("tailLines=2"));
        Assert.Equal("one\nt", await Log("limitBytes=5"));
        Assert.Equal("", await Log("tailLines=0"));
        Assert.Equal("", await Log("sinceTime=2099-01-01T00:00:00Z"));
        Assert.Equal("one\ntwo\nthree\n", await Log("sinceSeconds=3600"));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z one\n", await Log("timestamps=true"));
        Assert.Equal("one\ntwo\nthree\n", await Log("follow=true"));

        async Task<string> Log(string query) => (await pods.Api.SendAsync("GET", "/api/v1/namespaces/default/pods/p/log?" + query)).Text;
    }

    [Fact]
    public async Task Following_ends_with_the_run_of_the_container_and_hears_its_last_words()
    {
        await using var pods = await RunningPods.StartAsync();
        await pods.RunAsync("p", "echo first; while [ ! -e /tmp/go ]; do sleep 0.05; done; printf last");
        using var response = await pods.Api.Client.GetAsync(new Uri(pods.Api.Url, "/api/v1/namespaces/default/pods/p/log?follow=true"), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal("text/plain", response.Content.Headers.ContentType?.MediaType);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        Assert.Equal("first", await lines.ReadLineAsync(TestContext.Current.CancellationToken));
        using var touch = await (await pods.OpenAsync("p", "exec?command=touch&command=/tmp/go&stdout=true", "v4.channel.k8s.io")).ToTheEndAsync();
        Assert.Equal("last", (await lines.ReadToEndAsync(TestContext.Current.CancellationToken)).Trim());
    }

    [Fact]
    public async Task Options_that_cannot_be_are_refused()
    {
        await using var api = await ApiServerFixture.StartAsync();
        await api.MustAsync("POST", "/api/v1/namespaces/default/pods", System.Text.Json.Nodes.JsonNode.Parse("""{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"x"}]}}"""));
        Assert.Equal("PodLogOptions \"p\" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0", await Message("tailLines=-1"));
        Assert.Equal("PodLogOptions \"p\" is invalid: sinceSeconds: Invalid value: 0: must be greater than 0", await Message("sinceSeconds=0"));
        Assert.Equal("PodLogOptions \"p\" is invalid: limitBytes: Invalid value: 0: must be greater than 0", await Message("limitBytes=0"));
        Assert.Contains("at most one of", await Message("sinceSeconds=5&sinceTime=2026-01-01T00:00:00Z"), StringComparison.Ordinal);
        Assert.Contains("stream: Forbidden", await Message("stream=Stdout"), StringComparison.Ordinal);

        async Task<string> Message(string query) => (await api.SendAsync("GET", "/api/v1/namespaces/default/pods/p/log?" + query)).Message;
    }
}
