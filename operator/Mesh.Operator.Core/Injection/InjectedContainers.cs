using k8s.Models;
using Mesh.Config;

namespace Mesh.Operator.Core.Injection;

/// <summary>The containers and volumes that are added.</summary>
internal static class InjectedContainers
{
    public const string InitName = "mesh-init";
    public const string ProxyName = "mesh-proxy";
    public const string ConfigVolume = "mesh-config";
    public const string DataVolume = "mesh-data";
    public const string PodInfoVolume = "mesh-podinfo";
    public const string TrustVolume = "mesh-trust";
    public const string CredentialsVolume = "mesh-credentials";
    public const string TokenVolume = "mesh-token";

    // As long as Istio's; the kubelet renews it after four fifths.
    private const long TokenSeconds = 43200;

    public static V1Container Init(InjectionSettings settings, CaptureSettings capture) => new()
    {
        Name = InitName,
        Image = settings.InitImage,
        ImagePullPolicy = settings.ImagePullPolicy,
        Args = [.. capture.Arguments()],
        Resources = new V1ResourceRequirements
        {
            Requests = new Dictionary<string, ResourceQuantity> { ["cpu"] = new("10m"), ["memory"] = new("40Mi") },
            Limits = new Dictionary<string, ResourceQuantity> { ["cpu"] = new("2"), ["memory"] = new("256Mi") },
        },
        // Rules need NET_ADMIN; NET_RAW and uid 0 besides where the node uses the legacy tables, which also keep a lock file.
        SecurityContext = new V1SecurityContext
        {
            RunAsUser = 0,
            RunAsGroup = 0,
            RunAsNonRoot = false,
            Privileged = false,
            AllowPrivilegeEscalation = false,
            ReadOnlyRootFilesystem = false,
            Capabilities = new V1Capabilities { Add = ["NET_ADMIN", "NET_RAW"], Drop = ["ALL"] },
        },
    };

    public static V1Container Proxy(InjectionSettings settings, SidecarAnnotations own, ProxyStart start, string? appProbes, string? appMetrics) => new()
    {
        Name = ProxyName,
        Image = own.Image ?? settings.SidecarImage,
        ImagePullPolicy = settings.ImagePullPolicy,
        RestartPolicy = "Always",
        Env = [.. start.Environment(
        [
            Field("POD_NAME", "metadata.name"),
            Field("POD_NAMESPACE", "metadata.namespace"),
            Field("POD_UID", "metadata.uid"),
            Field("INSTANCE_IP", "status.podIP"),
            Field("NODE_NAME", "spec.nodeName"),
            Field("SERVICE_ACCOUNT", "spec.serviceAccountName"),
            new V1EnvVar { Name = "MESH_CONFIG_DIR", Value = WellKnown.ConfigDirectory },
            new V1EnvVar { Name = "MESH_LOG_LEVEL", Value = own.LogLevel ?? settings.LogLevel },

            // 4 MiB (hex) of young objects between collections; the runtime would take the size of the processor's cache,
            // which costs each pod tens of megabytes under load. It reads this from the environment only.
            new V1EnvVar { Name = "DOTNET_GCgen0size", Value = "400000" },
            .. appProbes is null ? (V1EnvVar[])[] : [new V1EnvVar { Name = AppProbes.Variable, Value = appProbes }],
            .. appMetrics is null ? (V1EnvVar[])[] : [new V1EnvVar { Name = AppMetrics.Variable, Value = appMetrics }],
        ])],
        Ports =
        [
            new V1ContainerPort { ContainerPort = WellKnown.ControlPort, Name = "mesh-control", Protocol = "TCP" },
            new V1ContainerPort { ContainerPort = WellKnown.StatusPort, Name = "mesh-stats", Protocol = "TCP" },
        ],
        Resources = own.Resources,
        SecurityContext = new V1SecurityContext
        {
            RunAsUser = WellKnown.ProxyUid,
            RunAsGroup = WellKnown.ProxyUid,
            RunAsNonRoot = true,
            Privileged = false,
            AllowPrivilegeEscalation = false,
            ReadOnlyRootFilesystem = true,
            Capabilities = new V1Capabilities { Drop = ["ALL"] },
        },
        // The startup probe holds the user's containers until the sidecar has a first valid config and an identity: ten minutes,
        // looked at each second.
        StartupProbe = Ready(period: 1, failures: 600),
        ReadinessProbe = Ready(own.ReadinessPeriod, own.ReadinessFailures, own.ReadinessDelay),
        VolumeMounts =
        [
            new V1VolumeMount { Name = ConfigVolume, MountPath = WellKnown.ConfigDirectory, ReadOnlyProperty = true },
            new V1VolumeMount { Name = TrustVolume, MountPath = WellKnown.TrustDirectory, ReadOnlyProperty = true },
            // In the sidecar only: who holds the token can be certified as this pod.
            new V1VolumeMount { Name = TokenVolume, MountPath = Path.GetDirectoryName(WellKnown.TokenFile), ReadOnlyProperty = true },
            new V1VolumeMount { Name = CredentialsVolume, MountPath = WellKnown.CredentialsDirectory, ReadOnlyProperty = true },
            new V1VolumeMount { Name = DataVolume, MountPath = WellKnown.DataDirectory },
            new V1VolumeMount { Name = PodInfoVolume, MountPath = "/etc/mesh/podinfo", ReadOnlyProperty = true },
            .. own.Own.Mounted,
        ],
    };

    /// <param name="configName">Name of the pod's record; null: it has none and is told over its control session alone.</param>
    /// <param name="credentialSecret">Name of the Secret composed for its workload.</param>
    public static IEnumerable<V1Volume> Volumes(string? configName, string credentialSecret) =>
    [
        // Optional: the record is written once the pod exists and has a uid to own it.
        configName is null
            ? new V1Volume { Name = ConfigVolume, EmptyDir = new V1EmptyDirVolumeSource { Medium = "Memory", SizeLimit = new ResourceQuantity("1Mi") } }
            : new V1Volume { Name = ConfigVolume, ConfigMap = new V1ConfigMapVolumeSource { Name = configName, Optional = true } },
        // Not optional: a sidecar that trusts nobody cannot do anything, so the kubelet waits for the roots.
        new V1Volume { Name = TrustVolume, ConfigMap = new V1ConfigMapVolumeSource { Name = WellKnown.TrustConfigMap, Optional = false } },
        new V1Volume
        {
            Name = TokenVolume,
            Projected = new V1ProjectedVolumeSource
            {
                Sources =
                [
                    new V1VolumeProjection
                    {
                        ServiceAccountToken = new V1ServiceAccountTokenProjection
                        {
                            Audience = WellKnown.TokenAudience,
                            ExpirationSeconds = TokenSeconds,
                            Path = Path.GetFileName(WellKnown.TokenFile),
                        },
                    },
                ],
            },
        },
        // Optional: it is composed for workloads that need credentials, and goes when none does.
        new V1Volume { Name = CredentialsVolume, Secret = new V1SecretVolumeSource { SecretName = credentialSecret, Optional = true } },
        // Memory only, so that no key reaches a disk. The limit is far above key and pushed config (a pod past it is
        // evicted); what is not used costs nothing.
        new V1Volume { Name = DataVolume, EmptyDir = new V1EmptyDirVolumeSource { Medium = "Memory", SizeLimit = new ResourceQuantity("64Mi") } },
        new V1Volume
        {
            Name = PodInfoVolume,
            DownwardAPI = new V1DownwardAPIVolumeSource
            {
                Items =
                [
                    new V1DownwardAPIVolumeFile { Path = "labels", FieldRef = new V1ObjectFieldSelector { FieldPath = "metadata.labels" } },
                    new V1DownwardAPIVolumeFile { Path = "annotations", FieldRef = new V1ObjectFieldSelector { FieldPath = "metadata.annotations" } },
                ],
            },
        },
    ];

    private static V1EnvVar Field(string name, string path) =>
        new() { Name = name, ValueFrom = new V1EnvVarSource { FieldRef = new V1ObjectFieldSelector { FieldPath = path } } };

    private static V1Probe Ready(int period, int failures, int? delay = null) => new()
    {
        InitialDelaySeconds = delay,
        HttpGet = new V1HTTPGetAction { Path = "/healthz/ready", Port = WellKnown.ReadinessPort },
        PeriodSeconds = period,
        FailureThreshold = failures,
        TimeoutSeconds = 3,
    };
}
