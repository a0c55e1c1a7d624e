using k8s.Models;
using Mesh.Api;
using Mesh.Operator.Core.Injection;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Tests.Injection;

/// <summary>Whom the injector answers, alone and beside another mesh's.</summary>
public sealed class InjectionScopeTests
{
    private static readonly InjectionScope Beside = InjectionScope.Beside([Webhook("istio-sidecar-injector", "namespace.sidecar-injector.istio.io")]);

    [Theory]
    [InlineData("", false, false)]
    [InlineData("istio-injection=enabled", true, false)]
    [InlineData("istio-injection=disabled", false, false)]
    [InlineData("istio.io/rev=mesh", true, true)]
    [InlineData("istio.io/rev=canary", true, false)]
    [InlineData("istio-injection=enabled istio.io/rev=mesh", true, false)]
    [InlineData("istio-injection=disabled istio.io/rev=mesh", false, false)]
    [InlineData("team=shop", false, false)]
    public void A_namespace_is_answered(string labels, bool alone, bool beside)
    {
        Assert.Equal((alone, beside), (InjectionScope.Everyone.Asks(Labels(labels)), Beside.Asks(Labels(labels))));
        Assert.Equal((false, alone && !beside), (InjectionScope.Everyone.LeavesToOthers(Labels(labels)), Beside.LeavesToOthers(Labels(labels))));
    }

    [Theory]
    [InlineData("sidecar.istio.io/inject=true", InjectionVerdict.Inject, InjectionVerdict.Leave)]
    [InlineData("istio.io/rev=canary", InjectionVerdict.Inject, InjectionVerdict.Leave)]
    [InlineData("istio.io/rev=mesh", InjectionVerdict.Inject, InjectionVerdict.Inject)]
    [InlineData("istio.io/rev=mesh sidecar.istio.io/inject=true", InjectionVerdict.Inject, InjectionVerdict.Inject)]
    [InlineData("istio.io/rev=mesh sidecar.istio.io/inject=false", InjectionVerdict.Leave, InjectionVerdict.Leave)]
    public void A_pod_that_asks_itself_is_answered(string labels, InjectionVerdict alone, InjectionVerdict beside)
    {
        var pod = Pods.Plain();
        foreach (var (key, value) in Labels(labels).Values) pod.Metadata.Labels[key] = value;
        Assert.Equal(alone, InjectionPolicy.Decide(pod, namespaceAsks: false).Verdict);
        Assert.Equal(beside, InjectionPolicy.Decide(pod, namespaceAsks: false, new InjectionPlace { Scope = Beside }).Verdict);
    }

    [Fact]
    public void A_pod_that_was_sent_by_yesterdays_selectors_is_left_to_the_other()
    {
        var place = new InjectionPlace { Scope = Beside, NamespaceLabels = Labels("istio-injection=enabled") };
        var decision = InjectionPolicy.Decide(Pods.Plain(), namespaceAsks: true, place);
        Assert.Equal(InjectionVerdict.Leave, decision.Verdict);
        Assert.Contains("istio-sidecar-injector", decision.Reason);
        Assert.Equal(InjectionVerdict.Inject, InjectionPolicy.Decide(Pods.Plain(), namespaceAsks: true, place with { NamespaceLabels = Labels("istio.io/rev=mesh") }).Verdict);
    }

    [Fact]
    public void Others_are_known_by_their_webhooks_or_their_label_and_ours_is_none()
    {
        var ours = Webhook("mesh-injector", "namespace.injector.mesh.dev");
        ours.Metadata.Labels = new Dictionary<string, string> { [MeshLabels.PartOf] = MeshLabels.PartOfMesh };
        var labelled = Webhook("linked", "injector.example.org");
        labelled.Metadata.Labels = new Dictionary<string, string> { ["app"] = "sidecar-injector" };
        Assert.True(InjectionScope.Beside([ours, Webhook("cert-manager", "webhook.cert-manager.io")]).IsEveryone);
        Assert.Equal(["istio-revision-tag-default", "linked"], InjectionScope.Beside([ours, labelled, Webhook("istio-revision-tag-default", "rev.namespace.sidecar-injector.istio.io")]).Others);
        Assert.Equal(Beside, InjectionScope.Beside([Webhook("istio-sidecar-injector", "namespace.sidecar-injector.istio.io")]));
    }

    private static LabelSet Labels(string text) => LabelSet.Of(text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=')).Select(pair => KeyValuePair.Create(pair[0], pair[1])));

    private static V1MutatingWebhookConfiguration Webhook(string name, string webhook) =>
        new() { Metadata = new V1ObjectMeta { Name = name }, Webhooks = [new V1MutatingWebhook { Name = webhook }] };
}
