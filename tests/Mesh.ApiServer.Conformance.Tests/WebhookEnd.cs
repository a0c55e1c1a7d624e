using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Mesh.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mesh.ApiServer.Conformance.Tests;

/// <summary>An admission webhook on this machine that answers what the test says and remembers what it was asked.</summary>
public sealed class WebhookEnd : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly X509Certificate2 certificate;

    private WebhookEnd(WebApplication app, X509Certificate2 certificate, string host)
    {
        (this.app, this.certificate) = (app, certificate);
        app.Run(AnswerAsync);
        Host = host;
    }

    public ConcurrentQueue<JsonNode> Requests { get; } = new();

    /// <summary>The response part of the review for a request; null: an answer that is none.</summary>
    public Func<JsonNode, JsonObject?> Response { get; set; } = _ => new JsonObject { ["allowed"] = true };

    public string Host { get; }

    public Uri Url => new($"https://{Host}:{new Uri(app.Urls.First()).Port}/ask");

    public string Authority => TestCertificate.Bundle(certificate);

    public static async Task<WebhookEnd> StartAsync(string host)
    {
        var certificate = TestCertificate.For(host);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        // A server in a container comes from another address than the loopback's.
        var address = IPAddress.TryParse(host, out var own) && IPAddress.IsLoopback(own) ? own : IPAddress.Any;
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(address, 0, listener => listener.UseHttps(certificate)));
        var end = new WebhookEnd(builder.Build(), certificate, host);
        await end.app.StartAsync();
        return end;
    }

    public static JsonObject Patch(string patch) => new()
    {
        ["allowed"] = true,
        ["patchType"] = "JSONPatch",
        ["patch"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(patch)),
    };

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        certificate.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var request = (await JsonNode.ParseAsync(context.Request.Body))!["request"]!;
        Requests.Enqueue(request);
        if (Response(request) is not { } response)
        {
            context.Response.StatusCode = 500;
            return;
        }

        response["uid"] = request["uid"]!.DeepClone();
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(new JsonObject { ["apiVersion"] = "admission.k8s.io/v1", ["kind"] = "AdmissionReview", ["response"] = response }.ToJsonString());
    }
}
