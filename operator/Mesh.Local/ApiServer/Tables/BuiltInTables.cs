using System.Text.Json;
using k8s.Models;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Resources;
using static Mesh.Local.ApiServer.Tables.TableColumn;

namespace Mesh.Local.ApiServer.Tables;

/// <summary>Which columns the built-in kinds have; null: name and creation time.</summary>
internal static class BuiltInTables
{
    private static readonly TableColumn Name = TableColumns.Name;
    private static readonly TableColumn Age = TableColumns.Age;

    private static readonly TableColumn[] Pods =
    [
        Name,
        new("Ready", "string", static (pod, now) => PodRow.Of(pod, now).Ready),
        new("Status", "string", static (pod, now) => PodRow.Of(pod, now).Status),
        new("Restarts", "string", static (pod, now) => PodRow.Of(pod, now).Restarts),
        Age,
        Text("IP", pod => OrNone(pod.Text("status", "podIP")), 1).As<V1PodStatus>(nameof(V1PodStatus.PodIP)),
        Text("Node", pod => OrNone(pod.Text("spec", "nodeName")), 1).As<V1PodSpec>(nameof(V1PodSpec.NodeName)),
        Text("Nominated Node", pod => OrNone(pod.Text("status", "nominatedNodeName")), 1).As<V1PodStatus>(nameof(V1PodStatus.NominatedNodeName)),
        Text("Readiness Gates", Gates, 1).As<V1PodSpec>(nameof(V1PodSpec.ReadinessGates)),
    ];

    private static readonly TableColumn[] Deployments =
    [
        Name,
        Text("Ready", item => $"{item.Integer("status", "readyReplicas") ?? 0}/{item.Integer("spec", "replicas") ?? 0}"),
        Text("Up-to-date", item => item.Integer("status", "updatedReplicas") ?? 0).As<V1DeploymentStatus>(nameof(V1DeploymentStatus.UpdatedReplicas)),
        Text("Available", item => item.Integer("status", "availableReplicas") ?? 0).As<V1DeploymentStatus>(nameof(V1DeploymentStatus.AvailableReplicas)),
        Age, .. Template(),
    ];

    private static readonly TableColumn[] ReplicaSets =
    [
        Name,
        Number("Desired", item => item.Integer("spec", "replicas") ?? 0).As<V1ReplicaSetSpec>(nameof(V1ReplicaSetSpec.Replicas)),
        Number("Current", item => item.Integer("status", "replicas") ?? 0).As<V1ReplicaSetStatus>(nameof(V1ReplicaSetStatus.Replicas)),
        Number("Ready", item => item.Integer("status", "readyReplicas") ?? 0).As<V1ReplicaSetStatus>(nameof(V1ReplicaSetStatus.ReadyReplicas)),
        Age, .. Template(),
    ];

    private static readonly TableColumn[] StatefulSets =
    [
        Name,
        Text("Ready", item => $"{item.Integer("status", "readyReplicas") ?? 0}/{item.Integer("spec", "replicas") ?? 0}"),
        Age, .. Template()[..2],
    ];

    private static readonly TableColumn[] DaemonSets =
    [
        Name,
        Number("Desired", item => item.Integer("status", "desiredNumberScheduled") ?? 0),
        Number("Current", item => item.Integer("status", "currentNumberScheduled") ?? 0),
        Number("Ready", item => item.Integer("status", "numberReady") ?? 0),
        Number("Up-to-date", item => item.Integer("status", "updatedNumberScheduled") ?? 0),
        Number("Available", item => item.Integer("status", "numberAvailable") ?? 0),
        Text("Node Selector", item => Pairs(item.At("spec", "template", "spec", "nodeSelector"))),
        Age, .. Template(),
    ];

    private static readonly TableColumn[] Jobs =
    [
        Name,
        Text("Status", JobStatus),
        Text("Completions", item => $"{item.Integer("status", "succeeded") ?? 0}/{item.Integer("spec", "completions") ?? 1}"),
        new("Duration", "string", static (item, now) => item.Text("status", "startTime") is { } start
            ? Ages.Since(start, item.Text("status", "completionTime") is { } end ? DateTimeOffset.Parse(end, System.Globalization.CultureInfo.InvariantCulture) : now)
            : ""),
        Age, .. Template(),
    ];

    private static readonly TableColumn[] Services =
    [
        Name,
        Text("Type", item => item.Text("spec", "type")).As<V1ServiceSpec>(nameof(V1ServiceSpec.Type)),
        Text("Cluster-IP", item => OrNone(item.Text("spec", "clusterIP"))).As<V1ServiceSpec>(nameof(V1ServiceSpec.ClusterIP)),
        Text("External-IP", ExternalAddress).As<V1ServiceSpec>(nameof(V1ServiceSpec.ExternalIPs)),
        Text("Port(s)", ServicePorts).As<V1ServiceSpec>(nameof(V1ServiceSpec.Ports)),
        Age,
        Text("Selector", item => Pairs(item.At("spec", "selector")), 1).As<V1ServiceSpec>(nameof(V1ServiceSpec.Selector)),
    ];

    private static readonly TableColumn[] Nodes =
    [
        Name,
        Text("Status", NodeStatus),
        Text("Roles", NodeRoles),
        Age,
        Text("Version", item => item.Text("status", "nodeInfo", "kubeletVersion") ?? ""),
        Text("Internal-IP", item => Address(item, "InternalIP"), 1),
        Text("External-IP", item => Address(item, "ExternalIP"), 1),
        Text("OS-Image", item => OrUnknown(item.Text("status", "nodeInfo", "osImage")), 1),
        Text("Kernel-Version", item => OrUnknown(item.Text("status", "nodeInfo", "kernelVersion")), 1),
        Text("Container-Runtime", item => OrUnknown(item.Text("status", "nodeInfo", "containerRuntimeVersion")), 1),
    ];

    private static readonly TableColumn[] Events =
    [
        new("Last Seen", "string", EventRow.LastSeen),
        Text("Type", item => item.Text("type")).As<Corev1Event>(nameof(Corev1Event.Type)),
        Text("Reason", item => item.Text("reason")).As<Corev1Event>(nameof(Corev1Event.Reason)),
        Text("Object", item => $"{item.Text("involvedObject", "kind")?.ToLowerInvariant()}/{item.Text("involvedObject", "name")}"),
        Text("Subobject", item => item.Text("involvedObject", "fieldPath") ?? "", 1),
        Text("Source", EventRow.Source, 1),
        Text("Message", item => item.Text("message")?.Trim() ?? "").As<Corev1Event>(nameof(Corev1Event.Message)),
        new("First Seen", "string", EventRow.FirstSeen, 1),
        Text("Count", EventRow.Count, 1),
        Text("Name", item => item.Text("metadata", "name"), 1, "name").As<V1ObjectMeta>(nameof(V1ObjectMeta.Name)),
    ];

    public static IReadOnlyList<TableColumn>? For(ApiResource resource) => resource.Kind switch
    {
        "ConfigMap" => [Name, Text("Data", item => item.Count("data") + item.Count("binaryData")).As<V1ConfigMap>(nameof(V1ConfigMap.Data)), Age],
        "CronJob" =>
        [
            Name, Text("Schedule", item => item.Text("spec", "schedule")), Text("Timezone", item => item.Text("spec", "timeZone") ?? "<none>"),
            Text("Suspend", item => item.Flag("spec", "suspend") ? "True" : "False"), Number("Active", item => item.Count("status", "active")),
            new("Last Schedule", "string", static (item, now) => item.Text("status", "lastScheduleTime") is { } last ? Ages.Since(last, now) : "<none>"), Age,
        ],
        "DaemonSet" => DaemonSets,
        "Deployment" => Deployments,
        "EndpointSlice" =>
        [
            Name, Text("AddressType", item => item.Text("addressType")).As<V1EndpointSlice>(nameof(V1EndpointSlice.AddressType)),
            Text("Ports", item => Short(item.Items("ports").Select(port => port.At("port")?.GetRawText() ?? "*"), "<unset>")),
            Text("Endpoints", item => Short(item.Items("endpoints").SelectMany(endpoint => endpoint.Items("addresses")).Select(address => address.GetString()!), "<unset>")), Age,
        ],
        "Endpoints" => [Name, Text("Endpoints", Endpoints), Age],
        "Event" => Events,
        "Job" => Jobs,
        "Lease" => [Name, Text("Holder", item => item.Text("spec", "holderIdentity") ?? "").As<V1LeaseSpec>(nameof(V1LeaseSpec.HolderIdentity)), Age],
        "MutatingWebhookConfiguration" or "ValidatingWebhookConfiguration" => [Name, Number("Webhooks", item => item.Count("webhooks")), Age],
        "Namespace" => [Name, Text("Status", item => item.Text("status", "phase")), Age],
        "Node" => Nodes,
        "Pod" => Pods,
        "PodDisruptionBudget" =>
        [
            Name, Text("Min Available", item => Amount(item, "minAvailable")), Text("Max Unavailable", item => Amount(item, "maxUnavailable")),
            Number("Allowed Disruptions", item => item.Integer("status", "disruptionsAllowed") ?? 0), Age,
        ],
        "ReplicaSet" => ReplicaSets,
        "ReplicationController" => ReplicaSets,
        "ClusterRoleBinding" or "RoleBinding" =>
            [Name, Text("Role", item => $"{item.Text("roleRef", "kind")}/{item.Text("roleRef", "name")}"), Age],
        "Secret" =>
        [
            Name, Text("Type", item => item.Text("type")).As<V1Secret>(nameof(V1Secret.Type)),
            Text("Data", item => item.Count("data")).As<V1Secret>(nameof(V1Secret.Data)), Age,
        ],
        "Service" => Services,
        "ServiceAccount" => [Name, Age],
        "StatefulSet" => StatefulSets,
        "ValidatingAdmissionPolicy" =>
        [
            Name, Number("Validations", item => item.Count("spec", "validations")),
            Text("ParamKind", item => item.At("spec", "paramKind") is { } kind ? $"{kind.Text("apiVersion")}/{kind.Text("kind")}" : "<unset>"), Age,
        ],
        "ValidatingAdmissionPolicyBinding" =>
        [
            Name, Text("PolicyName", item => item.Text("spec", "policyName")),
            Text("ParamRef", item => item.At("spec", "paramRef") is not { } param ? "<unset>" : (param.Text("namespace") is { } ns ? ns + "/" : "") + (param.Text("name") ?? "*")), Age,
        ],
        _ => null,
    };

    private static TableColumn[] Template() =>
    [
        Text("Containers", item => string.Join(",", item.Items("spec", "template", "spec", "containers").Select(one => one.Text("name"))), 1),
        Text("Images", item => string.Join(",", item.Items("spec", "template", "spec", "containers").Select(one => one.Text("image"))), 1),
        Text("Selector", item => Pairs(item.At("spec", "selector", "matchLabels")), 1),
    ];

    private static string Gates(JsonElement pod)
    {
        var gates = pod.Items("spec", "readinessGates").Select(gate => gate.Text("conditionType")).ToList();
        if (gates.Count == 0)
            return "<none>";
        var met = gates.Count(gate => pod.Items("status", "conditions").Any(one => one.Text("type") == gate && one.Text("status") == "True"));
        return $"{met}/{gates.Count}";
    }

    private static string JobStatus(JsonElement job)
    {
        bool Is(string type) => job.Items("status", "conditions").Any(one => one.Text("type") == type && one.Text("status") == "True");
        return Is("Complete") ? "Complete" : Is("Failed") ? "Failed" : Is("Suspended") ? "Suspended" : "Running";
    }

    private static string ExternalAddress(JsonElement service)
    {
        if (service.Text("spec", "type") == "ExternalName")
            return OrNone(service.Text("spec", "externalName"));
        var given = service.Items("status", "loadBalancer", "ingress").Select(one => one.Text("ip") ?? one.Text("hostname") ?? "")
            .Concat(service.Items("spec", "externalIPs").Select(one => one.GetString()!)).ToList();
        if (given.Count > 0)
            return string.Join(",", given);
        return service.Text("spec", "type") == "LoadBalancer" ? "<pending>" : "<none>";
    }

    private static string ServicePorts(JsonElement service)
    {
        var ports = service.Items("spec", "ports")
            .Select(port => port.Integer("nodePort") is { } node ? $"{port.Integer("port")}:{node}/{port.Text("protocol")}" : $"{port.Integer("port")}/{port.Text("protocol")}").ToList();
        return ports.Count == 0 ? "<none>" : string.Join(",", ports);
    }

    private static string NodeStatus(JsonElement node)
    {
        var ready = node.Items("status", "conditions").FirstOrDefault(one => one.Text("type") == "Ready");
        var text = ready.ValueKind != JsonValueKind.Object ? "Unknown" : ready.Text("status") == "True" ? "Ready" : "NotReady";
        return node.Flag("spec", "unschedulable") ? text + ",SchedulingDisabled" : text;
    }

    private static string NodeRoles(JsonElement node)
    {
        const string prefix = "node-role.kubernetes.io/";
        var roles = node.Properties("metadata", "labels").Where(label => label.Name.StartsWith(prefix, StringComparison.Ordinal)).Select(label => label.Name[prefix.Length..]).Order(StringComparer.Ordinal).ToList();
        return roles.Count == 0 ? "<none>" : string.Join(",", roles);
    }

    private static string Address(JsonElement node, string type) =>
        OrNone(node.Items("status", "addresses").FirstOrDefault(one => one.Text("type") == type) is { ValueKind: JsonValueKind.Object } found ? found.Text("address") : null);

    private static string Endpoints(JsonElement item) => Short(
        item.Items("subsets").SelectMany(subset => subset.Items("ports").DefaultIfEmpty().SelectMany(port => subset.Items("addresses").Select(address =>
            port.ValueKind == JsonValueKind.Object ? $"{address.Text("ip")}:{port.Integer("port")}" : address.Text("ip") ?? ""))), "<none>");

    private static string Amount(JsonElement budget, string name) => budget.At("spec", name) switch
    {
        null => "N/A",
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { } number => number.GetRawText(),
    };

    private static string Short(IEnumerable<string> items, string none)
    {
        var all = items.ToList();
        if (all.Count == 0)
            return none;
        return string.Join(",", all.Take(3)) + (all.Count > 3 ? $" + {all.Count - 3} more..." : "");
    }

    public static string Pairs(JsonElement? map)
    {
        var pairs = map is { } found ? found.Properties().OrderBy(pair => pair.Name, StringComparer.Ordinal).Select(pair => $"{pair.Name}={pair.Value.GetString()}").ToList() : [];
        return pairs.Count == 0 ? "<none>" : string.Join(",", pairs);
    }

    public static string OrNone(string? text) => string.IsNullOrEmpty(text) ? "<none>" : text;

    private static string OrUnknown(string? text) => string.IsNullOrEmpty(text) ? "<unknown>" : text;
}
