using System.Text.Json.Nodes;

namespace Mesh.Local.Tests.ApiServer.Replay;

/// <summary>
/// Webhook configurations that a recording had and does not show: they follow from its comments, the names of its steps and
/// the calls that came. What leaves are the writes that bring them about before a step.
/// </summary>
internal static class RecordedWebhookConfigurations
{
    private const string Base = "/apis/admissionregistration.k8s.io/v1/";
    private const string Validating = Base + "validatingwebhookconfigurations";
    private const string Mutating = Base + "mutatingwebhookconfigurations";

    public static IEnumerable<(string Method, string Path, JsonObject? Body)> Before(string transcript, string step) => transcript switch
    {
        "10-webhook-failure" => Failure(step),
        "10-webhook-order-reinvocation" => Order(step),
        "10-webhook-cr-validate" => CustomResource(step),
        _ => [],
    };

    private static IEnumerable<(string, string, JsonObject?)> Failure(string step)
    {
        var policy = step.StartsWith("Ignore", StringComparison.Ordinal) || step.Contains("failurePolicy Ignore", StringComparison.Ordinal) ? "Ignore" : "Fail";
        JsonObject? client = step switch
        {
            _ when step.Contains("with failurePolicy", StringComparison.Ordinal) => Url("9443/check"),
            _ when step.EndsWith(": connection refused", StringComparison.Ordinal) => Url("9444/x"),
            "Fail: certificate not trusted (no caBundle)" => new JsonObject { ["url"] = "https://<local>:9443/x" },
            "Fail: clientConfig.service that does not exist" => new JsonObject
            {
                ["service"] = new JsonObject { ["namespace"] = "wh-fail", ["name"] = "nosvc", ["path"] = "/x" },
            },
            _ => null,
        };
        if (client is null)
            return [];
        var hook = Hook(client["url"]?.GetValue<string>().EndsWith("/check", StringComparison.Ordinal) == true ? "check" : "x", "wh-fail", ConfigMaps());
        hook["clientConfig"] = client;
        hook["failurePolicy"] = policy;
        hook["timeoutSeconds"] = 1;
        return Replace(Validating, "v", hook);
    }

    private static IEnumerable<(string, string, JsonObject?)> Order(string step)
    {
        if (step.StartsWith("m1 (IfNeeded)", StringComparison.Ordinal))
            return [.. Mutators("IfNeeded"), .. Replace(Validating, "v", Hook("v1", "wh-ord", ConfigMaps()))];
        if (step.StartsWith("reinvocationPolicy Never", StringComparison.Ordinal))
            return [.. Mutators("Never"), ("DELETE", Validating + "/v", null)];
        if (step.StartsWith("two validating webhooks deny", StringComparison.Ordinal))
            return [("DELETE", Mutating + "/m", null), .. Replace(Validating, "v", Hook("d1", "wh-ord", ConfigMaps()), Hook("d2", "wh-ord", ConfigMaps()))];
        return [];
    }

    private static IEnumerable<(string, string, JsonObject?)> Mutators(string reinvocation)
    {
        var first = Hook("m1", "wh-ord", ConfigMaps());
        first["reinvocationPolicy"] = reinvocation;
        return Replace(Mutating, "m", first, Hook("m2", "wh-ord", ConfigMaps()));
    }

    private static IEnumerable<(string, string, JsonObject?)> CustomResource(string step)
    {
        if (step.StartsWith("matchCondition", StringComparison.Ordinal) && !step.Contains("compile", StringComparison.Ordinal))
            return [("DELETE", Validating + "/v", null)];
        if (!step.Contains("now matchPolicy Exact", StringComparison.Ordinal))
            return [];
        var hook = Hook("val", "wh-cr", Rule("networking.mesh.example.com", "*", "virtualservices", "virtualservices/status"));
        hook["matchPolicy"] = "Exact";
        return Replace(Validating, "v", hook);
    }

    private static IEnumerable<(string, string, JsonObject?)> Replace(string path, string name, params JsonNode[] hooks) =>
    [
        ("DELETE", $"{path}/{name}", null),
        ("POST", path, new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } }.With("webhooks", hooks)),
    ];

    private static JsonObject Hook(string name, string ns, JsonObject rule) => new JsonObject
    {
        ["name"] = name + ".wh.example.com",
        ["clientConfig"] = Url("9443/" + name),
        ["sideEffects"] = "None",
        ["namespaceSelector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["kubernetes.io/metadata.name"] = ns } },
    }.With("rules", rule).With("admissionReviewVersions", "v1");

    private static JsonObject Url(string rest) => new() { ["url"] = "https://<local>:" + rest, ["caBundle"] = "<ca-bundle>" };

    private static JsonObject ConfigMaps() => Rule("", "CREATE", "configmaps");

    private static JsonObject Rule(string group, string operation, params string[] resources) =>
        new JsonObject().With("operations", operation).With("apiGroups", group).With("apiVersions", "v1").With("resources", [.. resources.Select(one => (JsonNode)one)]);
}
