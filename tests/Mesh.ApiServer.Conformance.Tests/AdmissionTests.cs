using System.Text.Json.Nodes;
using Mesh.ApiServer.Conformance.Tests.Servers;
using Mesh.Testing;

namespace Mesh.ApiServer.Conformance.Tests;

/// <summary>Admission webhooks: what they are told, what their word does, and what happens without it.</summary>
public sealed class AdmissionTests(ServerPool servers) : Behaviour(servers)
{
    private string Hook => $"hook.{Name}.example.com";

    [Theory, OnEveryServer]
    public async Task A_mutating_webhook_sees_the_new_object_and_its_patch_is_applied(ServerKind on)
    {
        await using var end = await StartAsync(on);
        end.Response = _ => WebhookEnd.Patch("""[{"op":"add","path":"/data/added","value":"yes"}]""");
        await ConfigureAsync(end, "mutating");
        end.Requests.Clear();
        var made = await Api.MustAsync("POST", Maps + "?dryRun=All", Map("a"));
        Assert.Equal("yes", made["data"]!["added"]!.ToString());
        var request = Assert.Single(end.Requests);
        Assert.Equal(("CREATE", "ConfigMap", "configmaps", true), (
            request["operation"]!.ToString(), request["kind"]!["kind"]!.ToString(), request["resource"]!["resource"]!.ToString(), request["dryRun"]!.GetValue<bool>()));
        Assert.Equal(("v", Name), (request["object"]!["data"]!["k"]!.ToString(), request["namespace"]!.ToString()));
        Assert.Equal(404, (await Api.SendAsync("GET", Maps + "/a")).Status);
    }

    [Theory, OnEveryServer]
    public async Task Validating_comes_after_mutating(ServerKind on)
    {
        await using var mutating = await StartAsync(on);
        await using var validating = await WebhookEnd.StartAsync(mutating.Host);
        mutating.Response = _ => WebhookEnd.Patch("""[{"op":"add","path":"/data/added","value":"yes"}]""");
        await ConfigureAsync(mutating, "mutating");
        await ConfigureAsync(validating, "validating");
        await Api.MustAsync("POST", Maps, Map("a"));
        Assert.Equal("yes", validating.Requests.Single(request => request["name"]?.ToString() == "a")["object"]!["data"]!["added"]!.ToString());
    }

    [Theory, OnEveryServer]
    public async Task A_refusal_is_passed_on_with_its_code_and_warnings(ServerKind on)
    {
        await using var end = await StartAsync(on);
        await ConfigureAsync(end, "validating");
        end.Response = _ => (JsonObject)JsonNode.Parse("""{"allowed":false,"warnings":["mind this"],"status":{"code":403,"reason":"Forbidden","message":"not like that"}}""")!;
        var refused = await Api.SendAsync("POST", Maps, Map("a"));
        Assert.Equal((403, $"admission webhook \"{Hook}\" denied the request: not like that"), (refused.Status, refused.Message));
        Assert.Equal(["299 - \"mind this\""], refused.Warnings);
    }

    [Theory]
    [OnEveryServer("Fail", 500)]
    [OnEveryServer("Ignore", 201)]
    public async Task A_webhook_that_cannot_be_asked_counts_as_its_policy_says(ServerKind on, string policy, int code)
    {
        await using var end = await StartAsync(on);
        await ConfigureAsync(end, "validating", hook => hook["failurePolicy"] = policy);
        end.Response = _ => null;
        var result = await Api.SendAsync("POST", Maps, Map("a"));
        Assert.Equal(code, result.Status);
        if (code == 500) Assert.StartsWith($"Internal error occurred: failed calling webhook \"{Hook}\": ", result.Message, StringComparison.Ordinal);
    }

    [Theory, OnEveryServer]
    public async Task Selectors_and_conditions_spare_the_others(ServerKind on)
    {
        await using var end = await StartAsync(on);
        await ConfigureAsync(end, "validating", hook =>
        {
            hook["objectSelector"] = JsonNode.Parse("""{"matchLabels":{"app":"asked"}}""");
            hook["matchConditions"] = JsonNode.Parse("""[{"name":"one","expression":"object.metadata.name != 'spared'"}]""");
        });
        end.Requests.Clear();
        await Api.MustAsync("POST", Maps, Map("plain"));
        await Api.MustAsync("POST", Maps, Map("spared", app: "asked"));
        Assert.Empty(end.Requests);
        await Api.MustAsync("POST", Maps, Map("asked", app: "asked"));
        Assert.Single(end.Requests);
    }

    [Theory, OnEveryServer]
    public async Task A_deletion_shows_the_old_object_and_can_be_refused(ServerKind on)
    {
        await using var end = await StartAsync(on);
        await Api.MustAsync("POST", Maps, Map("a"));
        await ConfigureAsync(end, "validating");
        end.Requests.Clear();
        end.Response = request => new JsonObject { ["allowed"] = request["operation"]!.ToString() != "DELETE" };
        var refused = await Api.SendAsync("DELETE", Maps + "/a");
        Assert.Equal($"admission webhook \"{Hook}\" denied the request without explanation", refused.Message);
        var request = Assert.Single(end.Requests);
        Assert.Equal(("DELETE", "a"), (request["operation"]!.ToString(), request["oldObject"]!["metadata"]!["name"]!.ToString()));
        Assert.Null(request["object"]);
        end.Response = _ => new JsonObject { ["allowed"] = true };
    }

    private async Task<WebhookEnd> StartAsync(ServerKind on)
    {
        await OnAsync(on);
        return await WebhookEnd.StartAsync(NeedsWebhooks());
    }

    /// <summary>Registers for this test's namespace and waits until the server asks: a real one learns of it a little later.</summary>
    private async Task ConfigureAsync(WebhookEnd end, string kind, Action<JsonNode>? change = null)
    {
        var configuration = JsonNode.Parse($$$"""
            {"metadata":{"name":"{{{Name}}}"},"webhooks":[{"name":"{{{Hook}}}","admissionReviewVersions":["v1"],"sideEffects":"None","timeoutSeconds":5,
             "namespaceSelector":{"matchLabels":{"conformance":"{{{Name}}}"}},
             "rules":[{"apiGroups":[""],"apiVersions":["v1"],"operations":["*"],"resources":["configmaps"]}],
             "clientConfig":{"url":"{{{end.Url}}}","caBundle":"{{{end.Authority}}}"} }] }
            """)!;
        change?.Invoke(configuration["webhooks"]![0]!);
        var path = $"/apis/admissionregistration.k8s.io/v1/{kind}webhookconfigurations";
        await Api.MustAsync("POST", path, configuration);
        RemoveAfterwards($"{path}/{Name}");
        await Eventually.True(
            async () =>
            {
                await Api.SendAsync("POST", Maps + "?dryRun=All", Map("probe", app: "asked"));
                return !end.Requests.IsEmpty;
            },
            "the webhook is asked");
    }
}
