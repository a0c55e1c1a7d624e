using System.Collections.Frozen;

namespace Mesh.Local.ApiServer.Protobuf;

/// <summary>
/// Field numbers of the messages that clients send in Kubernetes' protobuf encoding: kubectl does for `create SOMETHING`,
/// `auth can-i`, `drain` and `create token`. A field that is not listed makes the request fail with 415 instead of getting lost.
/// Fields of an "inline" message stand in the one around it. A "flag" or "number" is always sent and means nothing at its zero; a "bool" or "int" is sent only when it was set.
/// </summary>
internal static class ProtobufShapes
{
    internal sealed record Field(string Name, string Type, bool Repeated, bool Map);

    private const string Text = """
        ObjectMeta: 1 name string; 2 generateName string; 3 namespace string; 4 selfLink string; 5 uid string; 6 resourceVersion string; 7 generation number; 8 creationTimestamp Time; 9 deletionTimestamp Time; 10 deletionGracePeriodSeconds int; 11 labels map string; 12 annotations map string; 13 ownerReferences list OwnerReference; 14 finalizers list string
        OwnerReference: 1 kind string; 3 name string; 4 uid string; 5 apiVersion string; 6 controller bool; 7 blockOwnerDeletion bool
        LabelSelector: 1 matchLabels map string; 2 matchExpressions list LabelSelectorRequirement
        LabelSelectorRequirement: 1 key string; 2 operator string; 3 values list string
        Namespace: 1 metadata ObjectMeta; 2 spec NamespaceSpec; 3 status Ignored
        NamespaceSpec: 1 finalizers list string
        ConfigMap: 1 metadata ObjectMeta; 2 data map string; 3 binaryData map bytes; 4 immutable bool
        Secret: 1 metadata ObjectMeta; 2 data map bytes; 3 type string; 4 stringData map string; 5 immutable bool
        LocalObjectReference: 1 name string
        ObjectReference: 1 kind string; 2 namespace string; 3 name string; 4 uid string; 5 apiVersion string; 6 resourceVersion string; 7 fieldPath string
        ServiceAccount: 1 metadata ObjectMeta; 2 secrets list ObjectReference; 3 imagePullSecrets list LocalObjectReference; 4 automountServiceAccountToken bool
        Service: 1 metadata ObjectMeta; 2 spec ServiceSpec; 3 status Ignored
        ServiceSpec: 1 ports list ServicePort; 2 selector map string; 3 clusterIP string; 4 type string; 5 externalIPs list string; 7 sessionAffinity string; 8 loadBalancerIP string; 9 loadBalancerSourceRanges list string; 10 externalName string; 11 externalTrafficPolicy string; 12 healthCheckNodePort number; 13 publishNotReadyAddresses flag; 17 ipFamilyPolicy string; 18 clusterIPs list string; 19 ipFamilies list string; 20 allocateLoadBalancerNodePorts bool; 21 loadBalancerClass string; 22 internalTrafficPolicy string; 23 trafficDistribution string
        ServicePort: 1 name string; 2 protocol string; 3 port int; 4 targetPort IntOrString; 5 nodePort number; 6 appProtocol string
        Deployment: 1 metadata ObjectMeta; 2 spec DeploymentSpec; 3 status Ignored
        DeploymentSpec: 1 replicas int; 2 selector LabelSelector; 3 template PodTemplateSpec; 4 strategy DeploymentStrategy; 5 minReadySeconds number; 6 revisionHistoryLimit int; 7 paused flag; 9 progressDeadlineSeconds int
        DeploymentStrategy: 1 type string; 2 rollingUpdate RollingUpdateDeployment
        RollingUpdateDeployment: 1 maxUnavailable IntOrString; 2 maxSurge IntOrString
        PodTemplateSpec: 1 metadata ObjectMeta; 2 spec PodSpec
        Pod: 1 metadata ObjectMeta; 2 spec PodSpec; 3 status Ignored
        PodSpec: 2 containers list Container; 3 restartPolicy string; 4 terminationGracePeriodSeconds int; 5 activeDeadlineSeconds int; 6 dnsPolicy string; 7 nodeSelector map string; 8 serviceAccountName string; 9 serviceAccount string; 10 nodeName string; 11 hostNetwork flag; 12 hostPID flag; 13 hostIPC flag; 14 securityContext Empty; 15 imagePullSecrets list LocalObjectReference; 16 hostname string; 17 subdomain string; 19 schedulerName string; 20 initContainers list Container; 21 automountServiceAccountToken bool; 24 priorityClassName string
        Container: 1 name string; 2 image string; 3 command list string; 4 args list string; 5 workingDir string; 6 ports list ContainerPort; 7 env list EnvVar; 8 resources ResourceRequirements; 13 terminationMessagePath string; 14 imagePullPolicy string; 16 stdin flag; 17 stdinOnce flag; 18 tty flag; 20 terminationMessagePolicy string
        ContainerPort: 1 name string; 2 hostPort number; 3 containerPort int; 4 protocol string; 5 hostIP string
        EnvVar: 1 name string; 2 value string
        ResourceRequirements: 1 limits map Quantity; 2 requests map Quantity
        Job: 1 metadata ObjectMeta; 2 spec JobSpec; 3 status Ignored
        JobSpec: 1 parallelism int; 2 completions int; 3 activeDeadlineSeconds int; 4 selector LabelSelector; 5 manualSelector bool; 6 template PodTemplateSpec; 7 backoffLimit int; 8 ttlSecondsAfterFinished int; 9 completionMode string; 10 suspend bool
        CronJob: 1 metadata ObjectMeta; 2 spec CronJobSpec; 3 status Ignored
        CronJobSpec: 1 schedule string; 2 startingDeadlineSeconds int; 3 concurrencyPolicy string; 4 suspend bool; 5 jobTemplate JobTemplateSpec; 6 successfulJobsHistoryLimit int; 7 failedJobsHistoryLimit int; 8 timeZone string
        JobTemplateSpec: 1 metadata ObjectMeta; 2 spec JobSpec
        PodDisruptionBudget: 1 metadata ObjectMeta; 2 spec PodDisruptionBudgetSpec; 3 status Ignored
        PodDisruptionBudgetSpec: 1 minAvailable IntOrString; 2 selector LabelSelector; 3 maxUnavailable IntOrString; 4 unhealthyPodEvictionPolicy string
        PolicyRule: 1 verbs list string; 2 apiGroups list string; 3 resources list string; 4 resourceNames list string; 5 nonResourceURLs list string
        Role: 1 metadata ObjectMeta; 2 rules list PolicyRule
        ClusterRole: 1 metadata ObjectMeta; 2 rules list PolicyRule
        Subject: 1 kind string; 2 apiGroup string; 3 name string; 4 namespace string
        RoleRef: 1 apiGroup string; 2 kind string; 3 name string
        RoleBinding: 1 metadata ObjectMeta; 2 subjects list Subject; 3 roleRef RoleRef
        ClusterRoleBinding: 1 metadata ObjectMeta; 2 subjects list Subject; 3 roleRef RoleRef
        Binding: 1 metadata ObjectMeta; 2 target ObjectReference
        Eviction: 1 metadata ObjectMeta; 2 deleteOptions DeleteOptions
        DeleteOptions: 1 gracePeriodSeconds int; 2 preconditions Preconditions; 3 orphanDependents bool; 4 propagationPolicy string; 5 dryRun list string
        Preconditions: 1 uid string; 2 resourceVersion string
        TokenRequest: 1 metadata ObjectMeta; 2 spec TokenRequestSpec; 3 status Ignored
        TokenRequestSpec: 1 audiences list string; 3 boundObjectRef BoundObjectReference; 4 expirationSeconds int
        BoundObjectReference: 1 kind string; 2 apiVersion string; 3 name string; 4 uid string
        TokenReview: 1 metadata ObjectMeta; 2 spec TokenReviewSpec; 3 status Ignored
        TokenReviewSpec: 1 token string; 2 audiences list string
        SelfSubjectReview: 1 metadata ObjectMeta; 2 status Ignored
        SelfSubjectAccessReview: 1 metadata ObjectMeta; 2 spec SelfSubjectAccessReviewSpec; 3 status Ignored
        SelfSubjectAccessReviewSpec: 1 resourceAttributes ResourceAttributes; 2 nonResourceAttributes NonResourceAttributes
        ResourceAttributes: 1 namespace string; 2 verb string; 3 group string; 4 version string; 5 resource string; 6 subresource string; 7 name string
        NonResourceAttributes: 1 path string; 2 verb string
        SelfSubjectRulesReview: 1 metadata ObjectMeta; 2 spec SelfSubjectRulesReviewSpec; 3 status Ignored
        SelfSubjectRulesReviewSpec: 1 namespace string
        Scale: 1 metadata ObjectMeta; 2 spec ScaleSpec; 3 status Ignored
        ScaleSpec: 1 replicas int
        ResourceQuota: 1 metadata ObjectMeta; 2 spec ResourceQuotaSpec; 3 status Ignored
        ResourceQuotaSpec: 1 hard map Quantity; 2 scopes list string
        PriorityClass: 1 metadata ObjectMeta; 2 value int; 3 globalDefault flag; 4 description string; 5 preemptionPolicy string
        Ingress: 1 metadata ObjectMeta; 2 spec IngressSpec; 3 status Ignored
        IngressSpec: 1 defaultBackend IngressBackend; 2 tls list IngressTLS; 3 rules list IngressRule; 4 ingressClassName string
        IngressBackend: 4 service IngressServiceBackend
        IngressServiceBackend: 1 name string; 2 port ServiceBackendPort
        ServiceBackendPort: 1 name string; 2 number number
        IngressTLS: 1 hosts list string; 2 secretName string
        IngressRule: 1 host string; 2 inline IngressRuleValue
        IngressRuleValue: 1 http HTTPIngressRuleValue
        HTTPIngressRuleValue: 1 paths list HTTPIngressPath
        HTTPIngressPath: 1 path string; 2 backend IngressBackend; 3 pathType string
        HorizontalPodAutoscaler: 1 metadata ObjectMeta; 2 spec HorizontalPodAutoscalerSpec; 3 status Ignored
        HorizontalPodAutoscalerSpec: 1 scaleTargetRef CrossVersionObjectReference; 2 minReplicas int; 3 maxReplicas int; 4 metrics list MetricSpec
        CrossVersionObjectReference: 1 kind string; 2 name string; 3 apiVersion string
        MetricSpec: 1 type string; 4 resource ResourceMetricSource
        ResourceMetricSource: 1 name string; 2 target MetricTarget
        MetricTarget: 1 type string; 2 value Quantity; 3 averageValue Quantity; 4 averageUtilization int
        Empty:
        """;

    private static readonly FrozenDictionary<string, FrozenDictionary<int, Field>> Shapes = Text
        .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(line => line.Split(':', 2))
        .ToFrozenDictionary(parts => parts[0], parts => parts[1]
            .Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(field => field.Split(' '))
            .ToFrozenDictionary(
                words => int.Parse(words[0], System.Globalization.CultureInfo.InvariantCulture),
                words => new Field(words[1], words[^1], words is [_, _, "list", _], words is [_, _, "map", _])));

    public static bool Knows(string type) => Shapes.ContainsKey(type);

    public static Field? Find(string type, int number) => Shapes.GetValueOrDefault(type)?.GetValueOrDefault(number);
}
