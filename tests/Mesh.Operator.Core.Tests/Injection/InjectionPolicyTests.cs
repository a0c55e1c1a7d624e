using k8s.Models;
using Mesh.Api;
using Mesh.Operator.Core.Injection;

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
}
