using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace Mesh.Operator.Runtime;

/// <summary>
/// HTTP to the API server with the connection and the credentials of KubernetesClient. Lists and watches are read as JSON and
/// decoded object by object (see <see cref="Reflector{TEntity}"/>), which the generated client cannot do: there, one object
/// that does not fit its class fails the whole list.
/// </summary>
public sealed class KubernetesApi : IKubernetesClient, IDisposable
{
    private readonly Kubernetes _connection;
    private readonly TimeProvider _time;
    private readonly string _fieldManager;

    /// <param name="dial">How connections are opened; null: by this process's own sockets.</param>
    public KubernetesApi(
        KubernetesClientConfiguration configuration, TimeProvider time, string fieldManager, Func<EndPoint, CancellationToken, ValueTask<Stream>>? dial = null)
    {
        // Timeouts are set per request: a watch lasts minutes, a write seconds.
        configuration.HttpClientTimeout = Timeout.InfiniteTimeSpan;
        configuration.FirstMessageHandlerSetup = handler =>
        {
            handler.EnableMultipleHttp2Connections = true;
            // A cut cable is noticed within 45 s even where no event would have been sent.
            handler.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
            handler.KeepAlivePingTimeout = TimeSpan.FromSeconds(15);
            handler.ConnectTimeout = TimeSpan.FromSeconds(10);
            if (dial is not null) handler.ConnectCallback = (context, cancellation) => dial(context.DnsEndPoint, cancellation);
        };
        _connection = new Kubernetes(configuration);
        _time = time;
        _fieldManager = fieldManager;
    }

    /// <summary>Longest time a request other than a watch may take.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Told of each request whether it was answered.</summary>
    public ServerReach? Reach { get; init; }

    public Uri Server => _connection.BaseUri;

    public async Task<TEntity?> GetAsync<TEntity>(string name, string? @namespace = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        try
        {
            var kind = ResourceKind.Of(typeof(TEntity));
            return await CallAsync<TEntity>(HttpMethod.Get, kind.ObjectPath(new EntityKey(@namespace ?? "", name)), null, null, cancellationToken);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    public async Task<JsonObject?> GetRawAsync<TEntity>(EntityKey key, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        try
        {
            using var answer = await GetJsonAsync(ResourceKind.Of(typeof(TEntity)).ObjectPath(key), null, cancellationToken);
            return answer.Deserialize<JsonObject>();
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    public async Task<IReadOnlyList<TEntity>> ListAsync<TEntity>(string? @namespace = null, string? labelSelector = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        var kind = ResourceKind.Of(typeof(TEntity));
        var found = new List<TEntity>();
        string? next = null;
        do
        {
            var query = "?limit=500" + (labelSelector is null ? "" : "&labelSelector=" + Uri.EscapeDataString(labelSelector)) +
                (next is null ? "" : "&continue=" + Uri.EscapeDataString(next));
            using var page = await GetJsonAsync(kind.CollectionPath(@namespace) + query, null, cancellationToken);
            found.AddRange(ListPage.Read<TEntity>(page.RootElement, kind, static _ => { }, out next, out _));
        }
        while (next is not null);
        return found;
    }

    public Task<TEntity> CreateAsync<TEntity>(TEntity entity, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> =>
        CallAsync<TEntity>(HttpMethod.Post, WithManager(KindOf(entity).CollectionPath(entity.Metadata.NamespaceProperty)), Body(entity), null, cancellationToken);

    public Task<TEntity> UpdateAsync<TEntity>(TEntity entity, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> =>
        CallAsync<TEntity>(HttpMethod.Put, WithManager(KindOf(entity).ObjectPath(EntityKey.Of(entity.Metadata))), Body(entity), null, cancellationToken);

    public Task<TEntity> UpdateStatusAsync<TEntity>(TEntity entity, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> =>
        CallAsync<TEntity>(HttpMethod.Put, WithManager(KindOf(entity).ObjectPath(EntityKey.Of(entity.Metadata), "status")), Body(entity), null, cancellationToken);

    public Task<TEntity> PatchAsync<TEntity>(EntityKey key, object patch, string? subresource = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> =>
        CallAsync<TEntity>(
            HttpMethod.Patch, WithManager(ResourceKind.Of(typeof(TEntity)).ObjectPath(key, subresource)),
            Body(patch, "application/merge-patch+json"), null, cancellationToken);

    /// <summary>A patch that merges lists by their keys; only kinds built into Kubernetes have it.</summary>
    public Task<TEntity> StrategicPatchAsync<TEntity>(EntityKey key, string patch, string? subresource = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> =>
        CallAsync<TEntity>(
            HttpMethod.Patch, WithManager(ResourceKind.Of(typeof(TEntity)).ObjectPath(key, subresource)),
            Body(patch, "application/strategic-merge-patch+json"), null, cancellationToken);

    public Task<TEntity> ApplyAsync<TEntity>(TEntity entity, string fieldManager, bool force = true, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> =>
        CallAsync<TEntity>(
            HttpMethod.Patch,
            $"{KindOf(entity).ObjectPath(EntityKey.Of(entity.Metadata))}?fieldManager={Uri.EscapeDataString(fieldManager)}{(force ? "&force=true" : "")}",
            Body(entity, "application/apply-patch+yaml"), null, cancellationToken);

    public async Task DeleteAsync<TEntity>(string name, string? @namespace = null, string? uid = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        var options = new V1DeleteOptions
        {
            ApiVersion = "v1",
            Kind = "DeleteOptions",
            Preconditions = uid is null ? null : new V1Preconditions { Uid = uid },
            PropagationPolicy = "Background",
        };
        try
        {
            var path = ResourceKind.Of(typeof(TEntity)).ObjectPath(new EntityKey(@namespace ?? "", name));
            using var answer = await SendAsync(HttpMethod.Delete, path, Body(options), null, RequestTimeout, cancellationToken);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Already gone: what was asked for.
        }
    }

    public async Task<string> VersionAsync(CancellationToken cancellationToken = default)
    {
        using var answer = await GetJsonAsync("version", null, cancellationToken);
        return answer.RootElement.TryGetProperty("gitVersion", out var version) ? version.GetString() ?? "" : "";
    }

    /// <summary>A GET whose answer is parsed and not yet decoded.</summary>
    internal async Task<JsonDocument> GetJsonAsync(string path, string? accept, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Get, path, null, accept, RequestTimeout, cancellationToken);
        await using var stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
        return await JsonDocument.ParseAsync(stream, cancellationToken: cancellationToken);
    }

    /// <summary>A GET whose answer has begun; the caller reads and disposes it.</summary>
    internal Task<HttpResponseMessage> OpenAsync(string path, string? accept, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, path, null, accept, RequestTimeout, cancellationToken);

    public void Dispose() => _connection.Dispose();

    private static ResourceKind KindOf<TEntity>(TEntity entity) where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var kind = ResourceKind.Of(typeof(TEntity));
        entity.ApiVersion = kind.ApiVersion;
        entity.Kind = kind.Kind;
        return kind;
    }

    private static StringContent Body(object value, string mediaType = "application/json") =>
        new(value as string ?? KubernetesJson.Serialize(value), Encoding.UTF8, new MediaTypeHeaderValue(mediaType));

    private string WithManager(string path) => $"{path}?fieldManager={Uri.EscapeDataString(_fieldManager)}";

    private async Task<TEntity> CallAsync<TEntity>(HttpMethod method, string path, HttpContent? body, string? accept, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(method, path, body, accept, RequestTimeout, cancellationToken);
        await using var stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
        return KubernetesJson.Deserialize<TEntity>(stream);
    }

    /// <summary>Sends; returns a successful answer whose head has arrived, or throws what went wrong.</summary>
    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, HttpContent? body, string? accept, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(_connection.BaseUri, path))
        {
            Content = body,
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        request.Headers.TryAddWithoutValidation("Accept", accept ?? "application/json");
        if (_connection.Credentials is { } credentials) await credentials.ProcessHttpRequestAsync(request, cancellationToken);

        using var deadline = new CancellationTokenSource(timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            var answer = await _connection.HttpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            Reach?.Answered();
            if (answer.IsSuccessStatusCode) return answer;
            using (answer) throw await RefusalAsync(method, path, answer, either.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            var why = $"{method} {path}: no answer from {_connection.BaseUri} within {timeout.TotalSeconds:0} s.";
            Reach?.Failed(why);
            throw new TimeoutException(why);
        }
        catch (HttpRequestException e)
        {
            Reach?.Failed(e.Message);
            throw;
        }
    }

    private static async Task<ApiException> RefusalAsync(HttpMethod method, string path, HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        var (reason, message) = ("", text.Trim());
        try
        {
            var status = KubernetesJson.Deserialize<V1Status>(text);
            if (status.Message is not null) (reason, message) = (status.Reason ?? "", status.Message);
        }
        catch (JsonException)
        {
            // A proxy's or the server's own plain text ("404 page not found"): said as it is.
        }

        return new ApiException(answer.StatusCode, reason, $"{method} {path}: {(int)answer.StatusCode} {message}", answer.Headers.RetryAfter?.Delta);
    }
}
