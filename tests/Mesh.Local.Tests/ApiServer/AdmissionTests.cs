using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Mesh.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mesh.Local.Tests.ApiServer;

/// <summary>Webhooks called over real TLS: what they are told, what their answers do.</summary>
public sealed class AdmissionTests : IAsyncLifetime
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";
    private readonly List<JsonNode> calls = [];
    private Func<JsonNode, JsonObject> answer = static _ => new JsonObject { ["allowed"] = true };
    private ApiServerFixture server = null!;
    private WebApplication hook = null!;
    private X509Certificate2 certificate = null!;

    public async ValueTask InitializeAsync()
    {
        server = await ApiServerFixture.StartAsync();
        certificate = TestCertificate.For("127.0.0.1");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listener => listener.UseHttps(certificate)));
        hook = builder.Build();
        hook.Run(AnswerAsync);
        await hook.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await hook.DisposeAsync();
        await server.DisposeAsync();
        certificate.Dispose();
    }

    [Fact]
    public async Task An_untrusted_webhook_is_not_believed()
    {
        await ConfigureAsync("Validating", hook => hook["clientConfig"]!.AsObject().Remove("caBundle"));
        var result = await server.SendAsync("POST", Maps, Map("a"));
        Assert.Equal(500, result.Status);
        Assert.Empty(calls);
    }

    [Fact]
    public async Task A_webhook_may_keep_people_out_of_pods_and_change_what_they_ask()
    {
        await server.MustAsync("POST", "/api/v1/namespaces/default/pods", JsonNode.Parse("""{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"x"}]}}"""));
        await ConfigureAsync("Mutating", one => one["rules"]![0]!["resources"] = new JsonArray("pods/exec"));
        answer = review => review["request"]!["object"]!["command"]![0]!.ToString() == "sh"
            ? new JsonObject { ["allowed"] = false, ["status"] = new JsonObject { ["message"] = "no shells" } }
            : Patch("""[{"op":"add","path":"/container","value":"other"}]""");
        var refused = await server.SendAsync("GET", "/api/v1/namespaces/default/pods/p/exec?command=sh&command=-c&command=ls&stdout=true");
        Assert.Equal("admission webhook \"hook.test.example.com\" denied the request: no shells", refused.Message);
        var request = Assert.Single(calls)["request"]!;
        Assert.Equal("""{"stdout":true,"command":["sh","-c","ls"],"apiVersion":"v1","kind":"PodExecOptions"}""", request["object"]!.ToJsonString());
        Assert.Equal(("CONNECT", "PodExecOptions", "pods", "exec", "p"), (request["operation"]!.ToString(), request["kind"]!["kind"]!.ToString(), request["resource"]!["resource"]!.ToString(), request["subResource"]!.ToString(), request["name"]!.ToString()));
        Assert.Null(request["options"]);
        var changed = await server.SendAsync("GET", "/api/v1/namespaces/default/pods/p/exec?command=ls&stdout=true");
        Assert.Equal("container other is not valid for pod p", changed.Message);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var review = (await JsonNode.ParseAsync(context.Request.Body))!;
        lock (calls)
            calls.Add(review);
        var response = answer(review);
        response["uid"] = review["request"]!["uid"]!.DeepClone();
        await context.Response.WriteAsync(new JsonObject { ["apiVersion"] = "admission.k8s.io/v1", ["kind"] = "AdmissionReview", ["response"] = response }.ToJsonString());
    }

    private async Task ConfigureAsync(string kind, Action<JsonNode>? change = null)
    {
        var configuration = JsonNode.Parse($$$"""
            {"metadata":{"name":"test"},"webhooks":[{"name":"hook.test.example.com","admissionReviewVersions":["v1"],"sideEffects":"None","timeoutSeconds":5,
             "rules":[{"apiGroups":[""],"apiVersions":["v1"],"operations":["*"],"resources":["configmaps"]}],
             "clientConfig":{"url":"{{{hook.Urls.First()}}}/ask","caBundle":"{{{TestCertificate.Bundle(certificate)}}}"}}]}
            """)!;
        change?.Invoke(configuration["webhooks"]![0]!);
        await server.MustAsync("POST", $"/apis/admissionregistration.k8s.io/v1/{kind.ToLowerInvariant()}webhookconfigurations", configuration);
    }

    private static JsonObject Patch(string patch) => new()
    {
        ["allowed"] = true,
        ["patchType"] = "JSONPatch",
        ["patch"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(patch)),
    };

    private static JsonNode Map(string name) => JsonNode.Parse($$$"""{"metadata":{"name":"{{{name}}}"},"data":{"k":"v"} }""")!;
}
