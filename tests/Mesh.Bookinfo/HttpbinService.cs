using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mesh.Bookinfo;

/// <summary>
/// Answers with what it was asked, and as it was asked to: the paths of httpbin that Istio's tasks use. What a request carried
/// comes back as JSON, so one sees what the mesh made of it.
/// </summary>
public sealed class HttpbinService
{
    private const int MostBytes = 10 * 1024 * 1024;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    // As a Delegate: a RequestDelegate's result would be thrown away.
    private static readonly Delegate Echo = EchoAsync;

    public void Map(WebApplication app)
    {
        app.MapGet("/", () => Results.Text("httpbin: /get /post /anything /headers /ip /user-agent /status/CODE /delay/SECONDS /response-headers /cookies /bytes/N /stream/N /uuid"));
        app.MapGet("/headers", (HttpRequest request) => Answer(new JsonObject { ["headers"] = Headers(request) }));
        app.MapGet("/ip", (HttpContext context) => Answer(new JsonObject { ["origin"] = Origin(context) }));
        app.MapGet("/user-agent", (HttpRequest request) => Answer(new JsonObject { ["user-agent"] = request.Headers.UserAgent.ToString() }));
        app.MapGet("/uuid", () => Answer(new JsonObject { ["uuid"] = Guid.NewGuid().ToString() }));
        app.MapGet("/get", Echo);
        foreach (var method in new[] { "post", "put", "patch", "delete" }) app.MapMethods("/" + method, [method.ToUpperInvariant()], Echo);
        app.Map("/anything/{**rest}", Echo);
        app.Map("/status/{codes}", Status);
        app.Map("/delay/{seconds:double}", DelayAsync);
        app.MapGet("/response-headers", ResponseHeaders);
        app.MapGet("/cookies", (HttpRequest request) => Answer(new JsonObject { ["cookies"] = Object(request.Cookies.Select(c => KeyValuePair.Create(c.Key, c.Value))) }));
        app.MapGet("/cookies/set", SetCookies);
        app.MapGet("/bytes/{count:int}", (int count) => Results.Bytes(new byte[Math.Clamp(count, 0, MostBytes)]));
        app.MapGet("/stream/{count:int}", StreamAsync);
    }

    private static async Task<IResult> EchoAsync(HttpContext context)
    {
        var request = context.Request;
        var body = await new StreamReader(request.Body, Encoding.UTF8).ReadToEndAsync(context.RequestAborted);
        return Answer(new JsonObject
        {
            ["args"] = Object(request.Query.Select(q => KeyValuePair.Create(q.Key, q.Value.ToString()))),
            ["data"] = body,
            ["headers"] = Headers(request),
            ["method"] = request.Method,
            ["origin"] = Origin(context),
            ["url"] = $"{request.Scheme}://{request.Host}{request.Path}{request.QueryString}",
        });
    }

    /// <summary>One code, or one of several drawn by weight: <c>/status/200:3,503:1</c>.</summary>
    private static IResult Status(string codes)
    {
        var choices = new List<(int Code, double Weight)>();
        foreach (var choice in codes.Split(','))
        {
            var parts = choice.Split(':');
            if (!int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var code) || code is < 200 or > 599) return Results.Text("Invalid status code", statusCode: 400);
            var weight = 1.0;
            if (parts.Length > 1 && !double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out weight)) return Results.Text("Invalid weight", statusCode: 400);
            choices.Add((code, weight));
        }

        var drawn = Random.Shared.NextDouble() * choices.Sum(choice => choice.Weight);
        foreach (var (code, weight) in choices)
        {
            drawn -= weight;
            if (drawn < 0) return Results.StatusCode(code);
        }

        return Results.StatusCode(choices[^1].Code);
    }

    private static async Task<IResult> DelayAsync(double seconds, HttpContext context)
    {
        await Task.Delay(TimeSpan.FromSeconds(Math.Clamp(seconds, 0, 10)), context.RequestAborted);
        return await EchoAsync(context);
    }

    private static IResult ResponseHeaders(HttpContext context)
    {
        foreach (var (name, values) in context.Request.Query) context.Response.Headers.Append(name, values);
        return Answer(Object(context.Request.Query.Select(q => KeyValuePair.Create(q.Key, q.Value.ToString()))));
    }

    private static IResult SetCookies(HttpContext context)
    {
        foreach (var (name, value) in context.Request.Query) context.Response.Cookies.Append(name, value.ToString());
        return Results.Redirect("/cookies");
    }

    private static async Task StreamAsync(int count, HttpContext context)
    {
        context.Response.ContentType = "application/json";
        for (var id = 0; id < Math.Clamp(count, 0, 100); id++)
        {
            var line = new JsonObject { ["id"] = id, ["url"] = $"{context.Request.Scheme}://{context.Request.Host}{context.Request.Path}" };
            await context.Response.WriteAsync(line.ToJsonString() + "\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }

    private static IResult Answer(JsonObject answer) => Results.Text(answer.ToJsonString(Indented) + "\n", "application/json");

    private static string Origin(HttpContext context) =>
        context.Request.Headers["X-Forwarded-For"].FirstOrDefault() ?? context.Connection.RemoteIpAddress?.ToString() ?? "";

    private static JsonObject Headers(HttpRequest request) => Object(request.Headers
        .OrderBy(header => header.Key, StringComparer.OrdinalIgnoreCase)
        .Select(header => KeyValuePair.Create(Canonical(header.Key), header.Value.ToString())));

    // As httpbin writes them: X-Request-Id, whatever case they came in.
    private static string Canonical(string name) =>
        string.Join('-', name.Split('-').Select(word => word.Length == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..].ToLowerInvariant()));

    private static JsonObject Object(IEnumerable<KeyValuePair<string, string>> values)
    {
        var result = new JsonObject();
        foreach (var (name, value) in values) result[name] = value;
        return result;
    }
}
