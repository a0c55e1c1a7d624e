using k8s.Models;
using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Operator.Webhooks;
using Mesh.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Operator.Tests;

/// <summary>The validating webhook's configuration: when it counts, what passes without it, and who keeps it.</summary>
public sealed class ValidatorTests : IAsyncLifetime
{
    private EmbeddedCluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await EmbeddedCluster.StartAsync();
        await _cluster.Api.CreateAsync(Make.Service("reviews"));
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task It_counts_only_once_it_is_answered()
    {
        // Behind the Service, which has no member yet.
        await _cluster.StartOperatorAsync(o => o with { WebhookUrl = null });
        Assert.All((await ValidatorAsync()).Webhooks, hook => Assert.Equal("Ignore", hook.FailurePolicy));
        var broken = Make.VirtualService("slipped-in", "reviews");
        broken.Spec = broken.Spec with { Http = [broken.Spec.Http[0] with { Retries = new HttpRetry { Attempts = 2, RetryOn = "sometimes" } }] };
        await _cluster.Api.CreateAsync(broken);
        // What slipped in is judged in its status.
        await Eventually.True(
            async () => (await _cluster.Api.GetAsync<V1VirtualService>("slipped-in", "default"))!.Status?.Conditions.Any(c => c is { Type: "Accepted", Status: "False" }) == true, "the rule is told to be wrong");
        var slice = Make.Slice("mesh-operator", "127.0.0.1");
        slice.Metadata.NamespaceProperty = MeshNames.SystemNamespace;
        await _cluster.Api.CreateAsync(slice);
        await CountsAsync();
    }

    [Fact]
    public async Task It_is_asked_of_new_specs_of_the_meshs_kinds_and_of_nothing_else()
    {
        await _cluster.StartOperatorAsync();
        var validator = await CountsAsync();
        Assert.Equal(ApiKinds.Table.Select(kind => (kind.Group, kind.Plural)).Order(), validator.Webhooks.Select(hook => (Assert.Single(Assert.Single(hook.Rules).ApiGroups), Assert.Single(hook.Rules[0].Resources))).Order());
        Assert.All(validator.Webhooks, hook => Assert.Equal(["CREATE", "UPDATE"], hook.Rules[0].Operations));
        Assert.All(validator.Webhooks, hook => Assert.Equal(["spec-changes", "stays"], hook.MatchConditions.Select(condition => condition.Name)));
    }

    [Fact]
    public async Task What_leaves_the_spec_alone_passes_while_no_operator_is_there()
    {
        var app = await _cluster.StartOperatorAsync();
        await CountsAsync();
        var rule = Make.VirtualService("reviews", "reviews");
        rule.Metadata.Finalizers = ["example.com/hold"];
        await _cluster.Api.CreateAsync(rule);
        await _cluster.StopOperatorAsync(app);

        await PatchAsync("""{"metadata":{"labels":{"a":"b"},"annotations":{"c":"d"}}}""");
        await _cluster.Api.PatchAsync<V1VirtualService>(new EntityKey("default", "reviews"), """{"status":{"applied":"0/0"}}""", "status");
        await RefusedAsync(() => PatchAsync("""{"spec":{"hosts":["ratings"]}}"""));
        await RefusedAsync(() => _cluster.Api.CreateAsync(Make.VirtualService("another", "reviews")));
        // What is on its way out is nobody's concern.
        await _cluster.Api.DeleteAsync<V1VirtualService>("reviews", "default");
        await PatchAsync("""{"spec":{"hosts":["ratings"]}}""");
        await PatchAsync("""{"metadata":{"finalizers":null}}""");
        await Eventually.True(async () => await _cluster.Api.GetAsync<V1VirtualService>("reviews", "default") is null, "the rule is gone");
    }

    [Fact]
    public async Task The_leader_keeps_it_and_every_replica_serves()
    {
        var first = await _cluster.StartOperatorAsync(o => o with { Identity = "first" });
        var before = await CountsAsync();
        var second = await _cluster.StartOperatorAsync(o => o with { Identity = "second" });
        // The second serves under the CA that the first made, and wrote nothing: the configuration names the first.
        Assert.Equal(before.Metadata.ResourceVersion, (await ValidatorAsync()).Metadata.ResourceVersion);
        Assert.True(await second.Services.GetRequiredService<WebhookReach>().AnswersAsync(before.Webhooks[0].ClientConfig.CaBundle, TestContext.Current.CancellationToken));
        await _cluster.StopOperatorAsync(first);
        var url = new Uri(before.Webhooks[0].ClientConfig.Url);
        await Eventually.True(async () => new Uri((await ValidatorAsync()).Webhooks[0].ClientConfig.Url).Port != url.Port, "the new leader keeps it");
        await CountsAsync();
        await _cluster.Api.CreateAsync(Make.VirtualService("reviews", "reviews"));
    }

    [Fact]
    public async Task What_someone_changed_in_it_is_put_right()
    {
        var first = await _cluster.StartOperatorAsync();
        await CountsAsync();
        await _cluster.StopOperatorAsync(first);
        await _cluster.Api.PatchAsync<V1ValidatingWebhookConfiguration>(
            new EntityKey("", WebhookConfigurations.ValidatorName), """{"metadata":{"labels":{"app.kubernetes.io/part-of":null,"mine":"kept"}},"webhooks":[]}""");
        await _cluster.StartOperatorAsync();
        var validator = await CountsAsync();
        Assert.Equal(ApiKinds.Table.Count, validator.Webhooks.Count);
        Assert.Equal((MeshLabels.PartOfMesh, "kept"), (validator.Metadata.Labels[MeshLabels.PartOf], validator.Metadata.Labels["mine"]));
    }

    [Fact]
    public async Task A_certificate_of_another_CA_is_no_answer()
    {
        var app = await _cluster.StartOperatorAsync();
        await CountsAsync();
        using var other = new Users();
        Assert.False(await ReachOf(app).AnswersAsync(System.Text.Encoding.ASCII.GetBytes(other.RootPem), TestContext.Current.CancellationToken));
        var caBundle = (await ValidatorAsync()).Webhooks[0].ClientConfig.CaBundle;
        Assert.True(await ReachOf(app).AnswersAsync(caBundle, TestContext.Current.CancellationToken));
    }

    private static WebhookReach ReachOf(WebApplication app) => app.Services.GetRequiredService<WebhookReach>();

    private async Task<V1ValidatingWebhookConfiguration> ValidatorAsync() => (await _cluster.Api.GetAsync<V1ValidatingWebhookConfiguration>(WebhookConfigurations.ValidatorName))!;

    private Task<V1ValidatingWebhookConfiguration> CountsAsync() =>
        Eventually.Is(ValidatorAsync, validator => validator.Webhooks is { Count: > 0 } hooks && hooks.All(hook => hook.FailurePolicy == "Fail"), "the validator counts");

    private Task PatchAsync(string patch) => _cluster.Api.PatchAsync<V1VirtualService>(new EntityKey("default", "reviews"), patch);

    private static async Task RefusedAsync(Func<Task> call) =>
        Assert.Contains("failed calling webhook", (await Assert.ThrowsAsync<ApiException>(call)).Message, StringComparison.Ordinal);
}
