using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using k8s;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mesh.Operator.Runtime.Tests;

/// <summary>
/// An HTTP server that says what a test tells it to. Collections answer with lists and watches scripted one after the
/// other; single objects are a small store with resourceVersions, for writes.
/// </summary>
internal sealed class ScriptedApi : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Func<HttpContext, Task>> _lists = new();
    private readonly ConcurrentQueue<Func<WatchScript, Task>> _watches = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<string, JsonObject> _objects = [];
    private int _version = 100;

    private ScriptedApi(WebApplication app) => _app = app;

    /// <summary>Path and query of every request, in order.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>The version that the store has come to, for who asks for one object only to know.</summary>
    public int Version { get; set; } = int.MaxValue;

    /// <summary>Looked at first; true: it has answered.</summary>
    public Func<HttpContext, Task<bool>>? Intercept { get; set; }

    public IEnumerable<string> WatchRequests => Requests.Where(r => r.Contains("watch=true", StringComparison.Ordinal));

    public static async Task<ScriptedApi> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var api = new ScriptedApi(app);
        app.Run(api.AnswerAsync);
        await app.StartAsync();
        return api;
    }

    public KubernetesApi Client(TimeProvider? time = null, ServerReach? reach = null) =>
        new(new KubernetesClientConfiguration { Host = _app.Urls.First() }, time ?? TimeProvider.System, "test") { Reach = reach };

    public ScriptedApi List(string resourceVersion, params string[] items) =>
        List(context => context.Response.WriteAsync($$"""{"kind":"ThingList","metadata":{"resourceVersion":"{{resourceVersion}}"},"items":[{{string.Join(',', items)}}]}"""));

    public ScriptedApi List(Func<HttpContext, Task> answer)
    {
        _lists.Enqueue(answer);
        return this;
    }

    /// <summary>The next watch; when the script is at its end the stream ends. Further watches are held open.</summary>
    public ScriptedApi Watch(Func<WatchScript, Task> script)
    {
        _watches.Enqueue(script);
        return this;
    }

    public JsonObject? Stored(string path)
    {
        lock (_lock) return _objects.GetValueOrDefault(path)?.DeepClone().AsObject();
    }

    public void Store(string path, JsonObject item)
    {
        lock (_lock)
        {
            (item["metadata"] ??= new JsonObject())["resourceVersion"] = (++_version).ToString();
            _objects[path] = item;
        }
    }

    public static string Thing(string name, int version, string color = "red", string? uid = null, string more = "") =>
        $$"""{"apiVersion":"mesh.test/v1","kind":"Thing","metadata":{"name":"{{name}}","namespace":"d","uid":"{{uid ?? "uid-" + name}}","resourceVersion":"{{version}}"{{more}} },"spec":{"size":1,"color":"{{color}}"} }""";

    public static string Status(int code, string reason) =>
        $$"""{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"{{reason}}","code":{{code}},"message":"scripted {{reason}}"}""";

    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        try
        {
            await _app.StopAsync(soon.Token);
        }
        catch (OperationCanceledException)
        {
            // Watches that are held open are cut.
        }

        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!.TrimStart('/');
        Requests.Enqueue($"{context.Request.Method} {path}{context.Request.QueryString}");
        context.Response.ContentType = "application/json";
        if (Intercept is not null && await Intercept(context)) return;
        if (context.Request.Query["watch"] == "true")
        {
            var watch = new WatchScript(context);
            if (_watches.TryDequeue(out var script)) await script(watch);
            else await watch.HoldAsync();
        }
        else if (context.Request.Query["limit"] == "1")
        {
            await context.Response.WriteAsync($$"""{"kind":"ThingList","metadata":{"resourceVersion":"{{Version}}"},"items":[]}""");
        }
        else if (context.Request.Method == "GET" && path.EndsWith("/things", StringComparison.Ordinal))
        {
            if (_lists.TryDequeue(out var answer)) await answer(context);
            else await FailAsync(context, 500, "NothingScripted");
        }
        else
        {
            await StoreAsync(context, path);
        }
    }

    private async Task StoreAsync(HttpContext context, string path)
    {
        var body = context.Request.ContentLength is 0 or null && context.Request.Method == "GET" ? null : await JsonNode.ParseAsync(context.Request.Body);
        JsonObject? answer = null;
        var refused = 0;
        lock (_lock)
        {
            var known = _objects.GetValueOrDefault(path);
            switch (context.Request.Method)
            {
                case "GET" or "DELETE" when known is null:
                    refused = 404;
                    break;
                case "GET":
                    answer = known;
                    break;
                case "DELETE":
                    _objects.Remove(path);
                    answer = known;
                    break;
                case "POST":
                    path = $"{path}/{body!["metadata"]!["name"]}";
                    if (_objects.ContainsKey(path)) refused = 409;
                    else Store(path, answer = body.AsObject());
                    break;
                case "PUT" or "PATCH" when known is null:
                    refused = 404;
                    break;
                default:
                    var version = body!["metadata"]?["resourceVersion"]?.GetValue<string>();
                    if (version is not null && version != known!["metadata"]!["resourceVersion"]!.GetValue<string>()) refused = 409;
                    else Store(path, answer = context.Request.Method == "PUT" ? body.AsObject() : Merge(known!, body.AsObject()));
                    break;
            }

            answer = answer?.DeepClone().AsObject();
        }

        if (refused == 0) await context.Response.WriteAsync(answer!.ToJsonString());
        else await FailAsync(context, refused, refused == 404 ? "NotFound" : "Conflict");
    }

    private static JsonObject Merge(JsonObject target, JsonObject patch)
    {
        var merged = target.DeepClone().AsObject();
        foreach (var (name, value) in patch)
        {
            if (value is null) merged.Remove(name);
            else if (value is JsonObject part && merged[name] is JsonObject known) merged[name] = Merge(known, part);
            else merged[name] = value.DeepClone();
        }

        return merged;
    }

    public static Task FailAsync(HttpContext context, int code, string reason)
    {
        context.Response.StatusCode = code;
        return context.Response.WriteAsync(Status(code, reason));
    }
}
