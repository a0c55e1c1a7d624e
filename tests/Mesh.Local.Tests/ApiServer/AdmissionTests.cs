using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
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
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=hook", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddDays(1));
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
    public async Task A_mutating_webhook_sees_the_new_object_and_its_patch_is_applied()
    {
        await ConfigureAsync("Mutating");
        answer = _ => Patch("""[{"op":"add","path":"/data/added","value":"yes"}]""");
        var made = await server.MustAsync("POST", Maps + "?dryRun=All", Map("a"));
        Assert.Equal("yes", made["data"]!["added"]!.ToString());
        var request = Assert.Single(calls)["request"]!;
        Assert.Equal(("CREATE", "ConfigMap", true), (request["operation"]!.ToString(), request["kind"]!["kind"]!.ToString(), request["dryRun"]!.GetValue<bool>()));
        Assert.Equal(404, (await server.SendAsync("GET", Maps + "/a")).Status);
    }

    [Fact]
    public async Task A_refusal_is_passed_on_with_its_code_and_warnings()
    {
        await ConfigureAsync("Validating");
        answer = _ => new JsonObject
        {
            ["allowed"] = false,
            ["warnings"] = new JsonArray("mind this"),
            ["status"] = new JsonObject { ["code"] = 403, ["reason"] = "Forbidden", ["message"] = "not like that" },
        };
        var refused = await server.SendAsync("POST", Maps, Map("a"));
        Assert.Equal((403, "admission webhook \"hook.test.example.com\" denied the request: not like that"), (refused.Status, refused.Message));
        Assert.Equal(["299 - \"mind this\""], refused.Warnings);
    }

    [Theory]
    [InlineData("Fail", 500)]
    [InlineData("Ignore", 201)]
    public async Task A_webhook_that_cannot_be_asked_counts_as_its_policy_says(string policy, int code)
    {
        await ConfigureAsync("Validating", hook => hook["failurePolicy"] = policy);
        answer = _ => throw new InvalidOperationException("broken on purpose");
        var result = await server.SendAsync("POST", Maps, Map("a"));
        Assert.Equal(code, result.Status);
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
    public async Task Selectors_and_conditions_spare_the_others()
    {
        await ConfigureAsync("Validating", hook =>
        {
            hook["objectSelector"] = JsonNode.Parse("""{"matchLabels":{"asked":"yes"}}""");
            hook["matchConditions"] = JsonNode.Parse("""[{"name":"one","expression":"object.metadata.name != 'spared'"}]""");
        });
        await server.MustAsync("POST", Maps, Map("plain"));
        await server.MustAsync("POST", Maps, Map("spared", "yes"));
        Assert.Empty(calls);
        await server.MustAsync("POST", Maps, Map("asked", "yes"));
        Assert.Single(calls);
    }

    [Fact]
    public async Task A_deletion_shows_the_old_object_and_can_be_refused()
    {
        await server.MustAsync("POST", Maps, Map("a"));
        await ConfigureAsync("Validating");
        answer = _ => new JsonObject { ["allowed"] = false };
        var refused = await server.SendAsync("DELETE", Maps + "/a");
        Assert.Equal("admission webhook \"hook.test.example.com\" denied the request without explanation", refused.Message);
        Assert.Equal(("DELETE", "a"), (calls[0]["request"]!["operation"]!.ToString(), calls[0]["request"]!["oldObject"]!["metadata"]!["name"]!.ToString()));
        Assert.Null(calls[0]["request"]!["object"]);
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
             "clientConfig":{"url":"{{{hook.Urls.First()}}}/ask","caBundle":"{{{Convert.ToBase64String(Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()))}}}"}}]}
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

    private static JsonNode Map(string name, string? asked = null)
    {
        var map = JsonNode.Parse($$$"""{"metadata":{"name":"{{{name}}}"},"data":{"k":"v"}}""")!;
        if (asked is not null)
            map["metadata"]!["labels"] = new JsonObject { ["asked"] = asked };
        return map;
    }
}
