using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using k8s.Models;
using Mesh.Api;
using Mesh.Operator.Core.Injection;
using Mesh.Operator.Sinks;
using Mesh.Operator.Webhooks;
using Mesh.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Operator.Tests;

/// <summary>The webhooks as an API server sees them: HTTPS with the CA of the configuration, AdmissionReviews both ways.</summary>
public sealed class WebhookTests : IAsyncLifetime
{
    private EmbeddedCluster _cluster = null!;
    private WebApplication _operator = null!;
    private HttpClient _http = null!;
    private V1MutatingWebhookConfiguration _injector = null!;
    private V1ValidatingWebhookConfiguration _validator = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await EmbeddedCluster.StartAsync();
        _operator = await _cluster.StartOperatorAsync();
        _injector = (await _cluster.Api.GetAsync<V1MutatingWebhookConfiguration>(WebhookConfigurations.InjectorName))!;
        _validator = (await _cluster.Api.GetAsync<V1ValidatingWebhookConfiguration>(WebhookConfigurations.ValidatorName))!;
        _http = Trusting(_injector.Webhooks[0].ClientConfig.CaBundle);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _cluster.DisposeAsync();
    }

    [Fact]
    public void The_injector_fails_closed_and_never_sees_system_namespaces()
    {
        Assert.All(_injector.Webhooks, w => Assert.Equal(("Fail", 5, "None"), (w.FailurePolicy, w.TimeoutSeconds, w.SideEffects)));
        Assert.All(_injector.Webhooks, w => Assert.Contains(
            w.NamespaceSelector.MatchExpressions,
            e => e is { Key: "kubernetes.io/metadata.name", OperatorProperty: "NotIn" } && new[] { "mesh-system", "kube-system", "kube-node-lease" }.All(e.Values.Contains)));
        Assert.Contains(_injector.Webhooks, w => w.NamespaceSelector.MatchExpressions.Any(e => e.Key == MeshLabels.Injection && e.OperatorProperty == "In"));
        Assert.Contains(_injector.Webhooks, w => w.ObjectSelector.MatchExpressions.Any(e => e.Key == MeshLabels.Inject && e.OperatorProperty == "Exists"));
    }

    [Fact]
    public async Task A_pod_of_an_enabled_namespace_is_patched()
    {
        var answer = await AskAsync(_injector.Webhooks[0].ClientConfig.Url, Pod());
        Assert.True(answer["allowed"]!.GetValue<bool>());
        Assert.Equal("JSONPatch", answer["patchType"]!.GetValue<string>());
        var patch = JsonNode.Parse(Convert.FromBase64String(answer["patch"]!.GetValue<string>()))!.AsArray();
        Assert.Contains(patch, p => p!["path"]!.GetValue<string>() == "/spec/initContainers");
        Assert.DoesNotContain(patch, p => p!["path"]!.GetValue<string>().StartsWith("/spec/containers", StringComparison.Ordinal));
        Assert.DoesNotContain(patch, p => p!["path"]!.GetValue<string>() == "/metadata/namespace");
    }

    [Fact]
    public async Task A_pod_sent_again_within_its_creation_keeps_its_stamp_and_is_not_patched()
    {
        var once = await InjectAsync(Pod());
        var again = await AskAsync(_injector.Webhooks[0].ClientConfig.Url, once);
        var patch = JsonNode.Parse(Convert.FromBase64String(again["patch"]!.GetValue<string>()))!.AsArray();
        Assert.Empty(patch);
    }

    [Fact]
    public async Task A_stamp_that_came_with_the_users_object_is_replaced()
    {
        var once = await InjectAsync(Pod());
        once["metadata"]!["name"] = "copy";
        var twice = await InjectAsync(once);
        Assert.NotEqual(once["metadata"]!["annotations"]![MeshLabels.Config]!.GetValue<string>(), twice["metadata"]!["annotations"]![MeshLabels.Config]!.GetValue<string>());
    }

    [Fact]
    public async Task A_container_that_another_webhook_put_before_ours_goes_behind_them_when_asked_again()
    {
        var once = await InjectAsync(Pod());
        once["spec"]!["initContainers"]!.AsArray().Insert(0, new JsonObject { ["name"] = "other", ["image"] = "other" });
        var again = await InjectAsync(once);
        Assert.Equal(["mesh-init", "mesh-proxy", "other"], again["spec"]!["initContainers"]!.AsArray().Select(container => container!["name"]!.GetValue<string>()));
        Assert.Equal(Stamp(once), Stamp(again));
    }

    [Fact]
    public async Task A_dry_run_gets_the_same_answer_and_leaves_nothing_behind()
    {
        var shown = await InjectAsync(Pod(), dryRun: true);
        Assert.Equal(["mesh-init", "mesh-proxy"], shown["spec"]!["initContainers"]!.AsArray().Select(container => container!["name"]!.GetValue<string>()));
        Assert.Empty(_operator.Services.GetRequiredService<TrustSink>().Expected);
        // Whoever applies what was shown does not make two pods of one stamp.
        var first = await InjectAsync(shown);
        Assert.NotEqual(Stamp(shown), Stamp(first));
        Assert.Equal(["default"], _operator.Services.GetRequiredService<TrustSink>().Expected);
    }

    [Theory]
    [InlineData("baseline", false)]
    [InlineData("privileged", true)]
    public async Task The_Pod_Security_level_of_a_namespace_decides_at_once(string level, bool allowed)
    {
        await _cluster.Api.CreateAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = "shop", Labels = new Dictionary<string, string> { ["pod-security.kubernetes.io/enforce"] = level } } });
        var answer = await AskAsync(_injector.Webhooks[0].ClientConfig.Url, Pod(), space: "shop");
        Assert.Equal(allowed, answer["allowed"]!.GetValue<bool>());
        if (!allowed) Assert.Contains($"pod-security.kubernetes.io/enforce is \"{level}\"", answer["status"]!["message"]!.GetValue<string>());
    }

    [Fact]
    public async Task Beside_another_meshs_injector_only_our_revision_is_sent_until_it_goes()
    {
        await _cluster.Api.CreateAsync(new V1MutatingWebhookConfiguration
        {
            Metadata = new V1ObjectMeta { Name = "istio-sidecar-injector" },
            Webhooks = [new V1MutatingWebhook { Name = "namespace.sidecar-injector.istio.io", ClientConfig = new Admissionregistrationv1WebhookClientConfig { Url = "https://127.0.0.1:1/inject" }, SideEffects = "None", AdmissionReviewVersions = ["v1"] }],
        });
        await _cluster.StopOperatorAsync(_operator);
        var second = await _cluster.StartOperatorAsync(o => o with { Identity = "second" });
        var beside = (await InjectorAsync(c => !AnswersEnabled(c), "the selectors are narrow"))!;
        Assert.All(beside.Webhooks, w => Assert.Contains(
            w.NamespaceSelector.MatchExpressions.Concat(w.ObjectSelector.MatchExpressions), e => e is { Key: "istio.io/rev", OperatorProperty: "In" } && e.Values.SequenceEqual(["mesh"])));
        Assert.All(beside.Webhooks, w => Assert.Equal("Fail", w.FailurePolicy));
        var told = await Eventually.Is(
            async () => (await _cluster.Api.ListAsync<Eventsv1Event>("default")).FirstOrDefault(e => e.Reason == "AnotherInjector"), e => e is not null, "the event");
        Assert.Equal((WebhookConfigurations.InjectorName, "Warning"), (told!.Regarding.Name, told.Type));
        Assert.Contains("istio-sidecar-injector", told.Note);
        await _cluster.StopOperatorAsync(second);

        await _cluster.Api.DeleteAsync<V1MutatingWebhookConfiguration>("istio-sidecar-injector");
        await _cluster.StartOperatorAsync(o => o with { Identity = "third" });
        await InjectorAsync(AnswersEnabled, "the selectors are wide again");
    }

    private static bool AnswersEnabled(V1MutatingWebhookConfiguration injector) =>
        injector.Webhooks.Any(w => w.NamespaceSelector.MatchExpressions.Any(e => e is { Key: MeshLabels.Injection, OperatorProperty: "In" }));

    private Task<V1MutatingWebhookConfiguration?> InjectorAsync(Func<V1MutatingWebhookConfiguration, bool> wanted, string what) => Eventually.Is(
        () => _cluster.Api.GetAsync<V1MutatingWebhookConfiguration>(WebhookConfigurations.InjectorName), c => c is not null && wanted(c), what);

    [Fact]
    public void What_is_put_into_pods_can_be_read_by_who_puts_it_into_files() =>
        Assert.Equal(new InjectionSettings(), InjectionSettings.FromJson(_injector.Metadata.Annotations[MeshLabels.InjectionSettings]));

    [Fact]
    public async Task A_pod_under_1337_is_refused_with_what_to_do()
    {
        var pod = Pod();
        pod["spec"]!["securityContext"] = new JsonObject { ["runAsUser"] = 1337 };
        var answer = await AskAsync(_injector.Webhooks[0].ClientConfig.Url, pod);
        Assert.False(answer["allowed"]!.GetValue<bool>());
        Assert.Contains("runAsUser", answer["status"]!["message"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_spec_that_is_wrong_by_itself_is_refused_with_everything_at_once()
    {
        var answer = await AskAsync(Url("virtualservices"), Rule("""{"hosts":["reviews"],"http":[{"retries":{"attempts":2,"retryOn":"sometimes"},"match":[{"uri":{"regex":"a(b"}}],"route":[{"destination":{"host":"reviews"}}]}]}"""));
        Assert.False(answer["allowed"]!.GetValue<bool>());
        var message = answer["status"]!["message"]!.GetValue<string>();
        Assert.Contains("spec.http[0].retries.retryOn", message);
        Assert.Contains("sometimes", message);
        Assert.Contains("spec.http[0].match[0].uri", message);
    }

    [Fact]
    public async Task What_a_spec_names_need_not_exist_yet()
    {
        var answer = await AskAsync(Url("virtualservices"), Rule("""{"hosts":["nowhere"],"http":[{"route":[{"destination":{"host":"nowhere","subset":"v9"}}]}]}"""));
        Assert.True(answer["allowed"]!.GetValue<bool>());
    }

    [Fact]
    public async Task A_wrong_spec_that_is_already_stored_does_not_keep_its_labels_from_being_changed()
    {
        var stored = Rule("""{"hosts":["reviews"],"http":[{"retries":{"retryOn":"sometimes"},"route":[{"destination":{"host":"reviews"}}]}]}""");
        var labelled = stored.DeepClone().AsObject();
        labelled["metadata"]!["labels"] = new JsonObject { ["a"] = "b" };
        Assert.True((await AskAsync(Url("virtualservices"), labelled, "UPDATE", stored))["allowed"]!.GetValue<bool>());
        labelled["spec"]!["hosts"] = new JsonArray("reviews", "ratings");
        Assert.False((await AskAsync(Url("virtualservices"), labelled, "UPDATE", stored))["allowed"]!.GetValue<bool>());
    }

    [Fact]
    public async Task What_is_no_AdmissionReview_is_a_bad_request()
    {
        var answer = await _http.PostAsync(new Uri(Url("virtualservices")), new StringContent("hello", Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task A_second_operator_serves_with_the_same_CA()
    {
        await _cluster.StartOperatorAsync(o => o with { Identity = "second" });
        var now = await _cluster.Api.GetAsync<V1MutatingWebhookConfiguration>(WebhookConfigurations.InjectorName);
        Assert.Equal(_injector.Webhooks[0].ClientConfig.CaBundle, now!.Webhooks[0].ClientConfig.CaBundle);
        using var http = Trusting(_injector.Webhooks[0].ClientConfig.CaBundle);
        var answer = await http.PostAsync(new Uri(now.Webhooks[0].ClientConfig.Url), new StringContent("{}"));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    private string Url(string resource) => _validator.Webhooks.Single(w => w.Rules[0].Resources.Contains(resource)).ClientConfig.Url;

    private static JsonObject Pod() => JsonNode.Parse(
        """{"apiVersion":"v1","kind":"Pod","metadata":{"generateName":"web-","labels":{"app":"web"}},"spec":{"containers":[{"name":"web","image":"web","aFieldOfTheFuture":{"x":1}}],"volumes":[]}}""")!.AsObject();

    private static JsonObject Rule(string spec) => new()
    {
        ["apiVersion"] = "networking.istio.io/v1",
        ["kind"] = "VirtualService",
        ["metadata"] = new JsonObject { ["name"] = "reviews", ["namespace"] = "default" },
        ["spec"] = JsonNode.Parse(spec),
    };

    /// <summary>The pod as the API server would store it.</summary>
    private async Task<JsonObject> InjectAsync(JsonObject pod, bool dryRun = false)
    {
        var answer = await AskAsync(_injector.Webhooks[0].ClientConfig.Url, pod, dryRun: dryRun);
        var root = pod.DeepClone();
        foreach (var step in JsonNode.Parse(Convert.FromBase64String(answer["patch"]!.GetValue<string>()))!.AsArray())
        {
            var path = step!["path"]!.GetValue<string>().Split('/')[1..].Select(p => p.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)).ToArray();
            var parent = path[..^1].Aggregate(root, (node, part) => node is JsonArray list ? list[int.Parse(part)]! : node[part]!);
            var verb = step["op"]!.GetValue<string>();
            if (verb is "move" or "copy" or "test") throw new NotSupportedException(verb);
            if (verb == "remove" && parent is JsonObject holder) holder.Remove(path[^1]);
            else if (verb == "remove") parent.AsArray().RemoveAt(int.Parse(path[^1]));
            else if (verb == "replace" && parent is JsonArray items) items[int.Parse(path[^1])] = step["value"]!.DeepClone();
            else if (parent is JsonArray array) array.Insert(int.Parse(path[^1]), step["value"]!.DeepClone());
            else parent[path[^1]] = step["value"]?.DeepClone();
        }

        return root.AsObject();
    }

    private static string Stamp(JsonObject pod) => pod["metadata"]!["annotations"]![MeshLabels.Config]!.GetValue<string>();

    private async Task<JsonObject> AskAsync(string url, JsonObject item, string operation = "CREATE", JsonObject? old = null, bool dryRun = false, string space = "default")
    {
        var review = new JsonObject
        {
            ["apiVersion"] = "admission.k8s.io/v1",
            ["kind"] = "AdmissionReview",
            ["request"] = new JsonObject { ["uid"] = "u1", ["namespace"] = space, ["operation"] = operation, ["dryRun"] = dryRun, ["object"] = item.DeepClone(), ["oldObject"] = old?.DeepClone() },
        };
        using var answer = await _http.PostAsJsonAsync(new Uri(url), review);
        answer.EnsureSuccessStatusCode();
        var response = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["response"]!.AsObject();
        Assert.Equal("u1", response["uid"]!.GetValue<string>());
        return response;
    }

    private static HttpClient Trusting(byte[] caBundle)
    {
        var ca = X509CertificateLoader.LoadCertificate(Pem(caBundle));
        var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.Add(ca);
        return new HttpClient(handler);
    }

    private static byte[] Pem(byte[] bundle)
    {
        using var certificate = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(bundle));
        return certificate.RawData;
    }
}
