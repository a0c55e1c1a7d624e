using k8s.Models;
using Mesh.Operator.Core.Injection;

namespace Mesh.Operator.Core.Tests.Injection;

/// <summary>The author's own volumes in the sidecar.</summary>
public sealed class UserVolumesTests
{
    private const string Volume = """[{"name": "certs", "secret": {"secretName": "client-certs"}}]""";
    private const string Mount = """[{"name": "certs", "mountPath": "/etc/certs", "readOnly": true}]""";

    [Theory]
    [InlineData(Volume, Mount)]
    [InlineData("""{"certs": {"secret": {"secretName": "client-certs"}}}""", """{"certs": {"mountPath": "/etc/certs", "readOnly": true}}""")]
    public void Are_added_to_the_pod_and_mounted_in_the_sidecar_alone(string volume, string mount)
    {
        var pod = Inject(volume, mount).Pod!;
        Assert.Equal("client-certs", pod.Spec.Volumes.Single(v => v.Name == "certs").Secret.SecretName);
        Assert.Contains(pod.Spec.InitContainers.Single(c => c.Name == "mesh-proxy").VolumeMounts, m => m is { Name: "certs", MountPath: "/etc/certs", ReadOnlyProperty: true });
        Assert.DoesNotContain(pod.Spec.Containers.Concat(pod.Spec.InitContainers.Where(c => c.Name != "mesh-proxy")), c => c.VolumeMounts?.Any(m => m.Name == "certs") == true);
    }

    [Fact]
    public void Injected_again_after_Kubernetes_filled_in_its_defaults_they_are_the_same()
    {
        var once = Inject(Volume, Mount).Pod!;
        once.Spec.Volumes.Single(v => v.Name == "certs").Secret.DefaultMode = 420;
        var twice = PodInjector.Inject(once, new InjectionSettings(), "mesh-stamp");
        Assert.Empty(twice.Problems);
        Assert.Equal(once.Spec.Volumes.Select(v => v.Name), twice.Pod!.Spec.Volumes.Select(v => v.Name));
    }

    [Fact]
    public void A_volume_of_the_pods_own_can_be_mounted_too() =>
        Assert.Contains(Inject(null, """[{"name": "own", "mountPath": "/data"}]""").Pod!.Spec.InitContainers.Single(c => c.Name == "mesh-proxy").VolumeMounts, m => m is { Name: "own", MountPath: "/data" });

    [Theory]
    [InlineData("""[{"name": "own", "secret": {"secretName": "x"}}]""", null, "another volume named \"own\"")]
    [InlineData("""[{"name": "mesh-trust", "emptyDir": {}}]""", null, "\"mesh-trust\" is a volume of the injector's")]
    [InlineData(null, Mount, "has a volume named \"certs\"")]
    [InlineData(Volume, """[{"name": "certs", "mountPath": "etc/certs"}]""", "absolute path")]
    [InlineData(Volume, """[{"name": "certs", "mountPath": "/etc/mesh/trust"}]""", "is the sidecar's own")]
    [InlineData(Volume, """[{"name": "certs", "mountPath": "/etc"}]""", "is the sidecar's own")]
    [InlineData("""[{"secret": {"secretName": "x"}}]""", null, "is no JSON array of volumes")]
    public void What_cannot_be_is_refused(string? volume, string? mount, string problem)
    {
        var result = Inject(volume, mount);
        Assert.Null(result.Pod);
        Assert.Contains(problem, Assert.Single(result.Problems));
    }

    private static InjectionResult Inject(string? volume, string? mount)
    {
        var pod = Pods.Plain();
        pod.Metadata.Annotations = new Dictionary<string, string>();
        if (volume is not null) pod.Metadata.Annotations["sidecar.istio.io/userVolume"] = volume;
        if (mount is not null) pod.Metadata.Annotations["sidecar.istio.io/userVolumeMount"] = mount;
        return PodInjector.Inject(pod, new InjectionSettings(), "mesh-stamp");
    }
}
