using k8s.Models;
using Mesh.Api;
using Mesh.Operator.Core.Injection;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Tests.Injection;

public sealed class InjectionPolicyTests
{
    [Theory]
    [InlineData("enabled namespace", true, null, InjectionVerdict.Inject)]
    [InlineData("enabled namespace, the pod says no", true, "false", InjectionVerdict.Leave)]
    [InlineData("enabled namespace, the pod says yes", true, "true", InjectionVerdict.Inject)]
    [InlineData("silent namespace", false, null, InjectionVerdict.Leave)]
    [InlineData("silent namespace, the pod says yes", false, "true", InjectionVerdict.Inject)]
    [InlineData("silent namespace, the pod says no", false, "false", InjectionVerdict.Leave)]
    [InlineData("neither yes nor no", true, "maybe", InjectionVerdict.Refuse)]
    public void The_pods_word_beats_the_namespaces(string what, bool namespaceAsks, string? label, InjectionVerdict expected)
    {
        var pod = Pods.Plain();
        if (label is not null) pod.Metadata.Labels[MeshLabels.Inject] = label;
        Assert.True(InjectionPolicy.Decide(pod, namespaceAsks).Verdict == expected, what);
    }

    [Fact]
    public void The_label_beats_the_legacy_annotation()
    {
        var pod = Pods.Plain();
        pod.Metadata.Annotations = new Dictionary<string, string> { [MeshLabels.Inject] = "false" };
        Assert.Equal(InjectionVerdict.Leave, InjectionPolicy.Decide(pod, true).Verdict);
        pod.Metadata.Labels[MeshLabels.Inject] = "true";
        Assert.Equal(InjectionVerdict.Inject, InjectionPolicy.Decide(pod, true).Verdict);
    }

    [Fact]
    public void A_pod_on_the_nodes_network_is_left_alone_even_if_it_asks()
    {
        var pod = Pods.Plain();
        pod.Spec.HostNetwork = true;
        pod.Metadata.Labels[MeshLabels.Inject] = "true";
        Assert.Equal(InjectionVerdict.Leave, InjectionPolicy.Decide(pod, true).Verdict);
    }

    [Theory]
    [InlineData("pod user")]
    [InlineData("pod group")]
    [InlineData("container user")]
    [InlineData("container group")]
    [InlineData("init container user")]
    public void An_application_under_the_sidecars_id_is_refused(string where)
    {
        var pod = Pods.Plain();
        switch (where)
        {
            case "pod user": pod.Spec.SecurityContext = new V1PodSecurityContext { RunAsUser = 1337 }; break;
            case "pod group": pod.Spec.SecurityContext = new V1PodSecurityContext { RunAsGroup = 1337 }; break;
            case "container user": pod.Spec.Containers[0].SecurityContext = new V1SecurityContext { RunAsUser = 1337 }; break;
            case "container group": pod.Spec.Containers[0].SecurityContext = new V1SecurityContext { RunAsGroup = 1337 }; break;
            default: pod.Spec.InitContainers[0].SecurityContext = new V1SecurityContext { RunAsUser = 1337 }; break;
        }

        var decision = InjectionPolicy.Decide(pod, true);
        Assert.Equal(InjectionVerdict.Refuse, decision.Verdict);
        Assert.Contains("1337", decision.Reason);
    }

    [Fact]
    public void A_container_that_sets_its_own_user_is_not_judged_by_the_pods()
    {
        var pod = Pods.Plain();
        pod.Spec.InitContainers = null;
        pod.Spec.SecurityContext = new V1PodSecurityContext { RunAsUser = 1337 };
        pod.Spec.Containers[0].SecurityContext = new V1SecurityContext { RunAsUser = 1000 };
        Assert.Equal(InjectionVerdict.Inject, InjectionPolicy.Decide(pod, true).Verdict);
    }

    [Fact]
    public void A_users_container_with_the_sidecars_name_is_refused()
    {
        var pod = Pods.Plain();
        pod.Spec.Containers[0].Name = "mesh-proxy";
        Assert.Equal(InjectionVerdict.Refuse, InjectionPolicy.Decide(pod, true).Verdict);
    }

    [Fact]
    public void An_injected_pod_is_injected_again()
    {
        var once = PodInjector.Inject(Pods.Plain(), new InjectionSettings(), "mesh-1").Pod!;
        Assert.Equal(InjectionVerdict.Inject, InjectionPolicy.Decide(once, true).Verdict);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_pod_that_holds_another_meshs_sidecar_is_refused_in_one_sentence(bool asInit)
    {
        var pod = Pods.Plain();
        if (asInit) pod.Spec.InitContainers.Add(new V1Container { Name = "istio-proxy", RestartPolicy = "Always" });
        else pod.Spec.Containers.Add(new V1Container { Name = "istio-proxy", Image = "auto" });
        var decision = InjectionPolicy.Decide(pod, true);
        Assert.Equal(InjectionVerdict.Refuse, decision.Verdict);
        Assert.StartsWith(asInit ? "spec.initContainers[1] is \"istio-proxy\"" : "spec.containers[1] is \"istio-proxy\"", decision.Reason);
        pod.Metadata.Labels[MeshLabels.Inject] = "false";
        Assert.Equal(InjectionVerdict.Leave, InjectionPolicy.Decide(pod, true).Verdict);
    }

    [Theory]
    [InlineData(null, InjectionVerdict.Inject)]
    [InlineData("privileged", InjectionVerdict.Inject)]
    [InlineData("baseline", InjectionVerdict.Refuse)]
    [InlineData("restricted", InjectionVerdict.Refuse)]
    public void A_namespace_whose_level_of_Pod_Security_forbids_the_init_container_refuses_before_the_API_server_does(string? level, InjectionVerdict expected)
    {
        var labels = level is null ? LabelSet.Empty : LabelSet.Of([KeyValuePair.Create("pod-security.kubernetes.io/enforce", level)]);
        var decision = InjectionPolicy.Decide(Pods.Plain(), true, new InjectionPlace { NamespaceLabels = labels });
        Assert.Equal(expected, decision.Verdict);
        if (expected != InjectionVerdict.Refuse) return;
        Assert.Contains($"pod-security.kubernetes.io/enforce is \"{level}\"", decision.Reason);
        Assert.Contains("set the label to \"privileged\"", decision.Reason);
        // One that gets no sidecar needs nothing.
        var own = Pods.Plain();
        own.Metadata.Labels[MeshLabels.Inject] = "false";
        Assert.Equal(InjectionVerdict.Leave, InjectionPolicy.Decide(own, true, new InjectionPlace { NamespaceLabels = labels }).Verdict);
    }

    [Theory]
    [InlineData("", InjectionVerdict.Inject)]
    [InlineData("something else", InjectionVerdict.Inject)]
    [InlineData("v1.36.2+mesh", InjectionVerdict.Inject)]
    [InlineData("v1.29.0", InjectionVerdict.Inject)]
    [InlineData("v2.0.1", InjectionVerdict.Inject)]
    [InlineData("v1.28.15-gke.100", InjectionVerdict.Refuse)]
    [InlineData("1.9", InjectionVerdict.Refuse)]
    public void A_cluster_without_native_sidecars_gets_none(string version, InjectionVerdict expected)
    {
        var decision = InjectionPolicy.Decide(Pods.Plain(), true, new InjectionPlace { ClusterVersion = version });
        Assert.Equal(expected, decision.Verdict);
        if (expected == InjectionVerdict.Refuse) Assert.Contains($"{version}, and the sidecar is an init container with restartPolicy Always", decision.Reason);
    }
}
