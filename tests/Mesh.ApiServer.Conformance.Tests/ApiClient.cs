using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using k8s;

namespace Mesh.ApiServer.Conformance.Tests;

/// <summary>Plain HTTP to a server, as the user of a kubeconfig or of a token.</summary>
public sealed class ApiClient : IDisposable
{
    private readonly Kubernetes kubernetes;

    private ApiClient(KubernetesClientConfiguration configuration) => kubernetes = new Kubernetes(configuration);

    public static ApiClient Of(string kubeconfig) => new(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig));

    /// <summary>The same server for somebody else.</summary>
    public static ApiClient WithToken(string kubeconfig, string token)
    {
        var admin = KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig);
        return new ApiClient(new KubernetesClientConfiguration { Host = admin.Host, SslCaCerts = admin.SslCaCerts, SkipTlsVerify = admin.SkipTlsVerify, AccessToken = token });
    }

    public async Task<Answer> SendAsync(
        string method, string path, JsonNode? body = null, string contentType = "application/json", string accept = "application/json",
        string? rawBody = null, string? asUser = null)
    {
        using var response = await RespondAsync(method, path, accept, rawBody ?? body?.ToJsonString(), contentType, asUser, HttpCompletionOption.ResponseContentRead);
        return new Answer(
            (int)response.StatusCode, await response.Content.ReadAsStringAsync(), [.. response.Headers.TryGetValues("Warning", out var warnings) ? warnings : []]);
    }

    /// <summary>Fails the test unless the server says yes.</summary>
    public async Task<JsonNode> MustAsync(string method, string path, JsonNode? body = null, string contentType = "application/json")
    {
        var answer = await SendAsync(method, path, body, contentType);
        Assert.True(answer.Status is >= 200 and < 300, $"{method} {path}: {answer}");
        return answer.Json;
    }

    public Task<JsonNode> MergeAsync(string path, string patch) => MustAsync("PATCH", path, JsonNode.Parse(patch), "application/merge-patch+json");

    public async Task<EventStream> WatchAsync(string path, string accept = "application/json") =>
        await EventStream.OpenAsync(await RespondAsync("GET", path, accept, null, "", null, HttpCompletionOption.ResponseHeadersRead));

    public void Dispose() => kubernetes.Dispose();

    private async Task<HttpResponseMessage> RespondAsync(
        string method, string path, string accept, string? body, string contentType, string? asUser, HttpCompletionOption completion)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(kubernetes.BaseUri, path));
        request.Headers.TryAddWithoutValidation("Accept", accept);
        request.Headers.TryAddWithoutValidation("User-Agent", "conformance/1.0");
        if (asUser is not null) request.Headers.TryAddWithoutValidation("Impersonate-User", asUser);
        if (kubernetes.Credentials is { } credentials) await credentials.ProcessHttpRequestAsync(request, CancellationToken.None);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        }

        return await kubernetes.HttpClient.SendAsync(request, completion);
    }
}
