using System.Text.Json;
using Mesh.Local.ApiServer.Json;
using static Mesh.Local.ApiServer.Tables.BuiltInTables;
using static Mesh.Local.ApiServer.Tables.TableColumn;

namespace Mesh.Local.ApiServer.Tables;

/// <summary>The columns of the kinds that are only kept (<see cref="Resources.UnusedResources"/>); null: name and creation time.</summary>
internal static class UnusedTables
{
    private static readonly TableColumn Name = TableColumns.Name;
    private static readonly TableColumn Age = TableColumns.Age;

    public static IReadOnlyList<TableColumn>? For(string kind) => kind switch
    {
        "APIService" => [Name, Text("Service", ServiceOf), Text("Available", item => Condition(item, "Available")), Age],
        "HorizontalPodAutoscaler" =>
        [
            Name, Text("Reference", item => $"{item.Text("spec", "scaleTargetRef", "kind")}/{item.Text("spec", "scaleTargetRef", "name")}"),
            Text("Targets", Targets), Text("MinPods", item => MinReplicas(item)),
            Number("MaxPods", item => item.Integer("spec", "maxReplicas") ?? 0), Number("Replicas", item => item.Integer("status", "currentReplicas") ?? 0), Age,
        ],
        "Ingress" =>
        [
            Name, Text("Class", item => OrNone(item.Text("spec", "ingressClassName"))), Text("Hosts", Hosts), Text("Address", Addresses),
            Text("Ports", item => item.Count("spec", "tls") > 0 ? "80, 443" : "80"), Age,
        ],
        "IngressClass" => [Name, Text("Controller", item => item.Text("spec", "controller")), Text("Parameters", item => Parameters(item)), Age],
        "NetworkPolicy" => [Name, Text("Pod-Selector", item => Pairs(item.At("spec", "podSelector", "matchLabels"))), Age],
        "PersistentVolume" =>
        [
            Name, Text("Capacity", item => item.Text("spec", "capacity", "storage") ?? ""), Text("Access Modes", item => Modes(item, "spec")),
            Text("Reclaim Policy", item => item.Text("spec", "persistentVolumeReclaimPolicy") ?? ""), Text("Status", item => item.Text("status", "phase") ?? ""),
            Text("Claim", item => item.At("spec", "claimRef") is { } claim ? $"{claim.Text("namespace")}/{claim.Text("name")}" : ""),
            Text("StorageClass", item => item.Text("spec", "storageClassName") ?? ""), Text("Reason", item => item.Text("status", "reason") ?? ""), Age,
            Text("VolumeMode", item => item.Text("spec", "volumeMode") ?? "<unset>", 1),
        ],
        "PersistentVolumeClaim" =>
        [
            Name, Text("Status", item => item.Text("status", "phase") ?? ""), Text("Volume", item => item.Text("spec", "volumeName") ?? ""),
            Text("Capacity", item => item.Text("status", "capacity", "storage") ?? ""), Text("Access Modes", item => Modes(item, "status")),
            Text("StorageClass", item => item.Text("spec", "storageClassName") ?? ""), Age,
            Text("VolumeMode", item => item.Text("spec", "volumeMode") ?? "<unset>", 1),
        ],
        "PriorityClass" =>
        [
            Name, Number("Value", item => item.Integer("value") ?? 0), new("Global-Default", "boolean", static (item, _) => item.Flag("globalDefault")), Age,
        ],
        "ResourceQuota" => [Name, Text("Request", item => Amounts(item, limits: false)), Text("Limit", item => Amounts(item, limits: true)), Age],
        "RuntimeClass" => [Name, Text("Handler", item => item.Text("handler")), Age],
        "StorageClass" =>
        [
            Name, Text("Provisioner", item => item.Text("provisioner")), Text("ReclaimPolicy", item => item.Text("reclaimPolicy") ?? "Delete"),
            Text("VolumeBindingMode", item => item.Text("volumeBindingMode") ?? "Immediate"),
            new("AllowVolumeExpansion", "string", static (item, _) => item.Flag("allowVolumeExpansion")), Age,
        ],
        _ => null,
    };

    private static string ServiceOf(JsonElement item) =>
        item.At("spec", "service") is { } service ? $"{service.Text("namespace")}/{service.Text("name")}" : "Local";

    private static string Condition(JsonElement item, string type) => item.Items("status", "conditions")
        .Where(one => one.Text("type") == type).Select(one => one.Text("status")).FirstOrDefault() ?? "Unknown";

    /// <summary>Nothing measures, so what is there is never known.</summary>
    private static string Targets(JsonElement item)
    {
        var targets = item.Items("spec", "metrics").Select(metric => metric.At("resource") is { } resource
            ? $"{resource.Text("name")}: <unknown>/{(resource.Integer("target", "averageUtilization") is { } share ? share + "%" : resource.Text("target", "averageValue") ?? "<auto>")}"
            : "<unknown>").ToList();
        return targets.Count == 0 ? "<none>" : string.Join(", ", targets);
    }

    private static string Hosts(JsonElement item)
    {
        var hosts = item.Items("spec", "rules").Select(rule => rule.Text("host") is { Length: > 0 } host ? host : "*").ToList();
        if (hosts.Count == 0)
            return "*";
        return string.Join(",", hosts.Take(3)) + (hosts.Count > 3 ? $" + {hosts.Count - 3} more..." : "");
    }

    private static string Addresses(JsonElement item) =>
        string.Join(",", item.Items("status", "loadBalancer", "ingress").Select(one => one.Text("ip") ?? one.Text("hostname")));

    private static string Parameters(JsonElement item) => item.At("spec", "parameters") is { } parameters
        ? $"{parameters.Text("kind")}{(parameters.Text("apiGroup") is { } group ? "." + group : "")}/{parameters.Text("name")}"
        : "<none>";

    private static string Modes(JsonElement item, string of) => string.Join(",", item.Items(of, "accessModes").Select(mode => mode.GetString() switch
    {
        "ReadWriteOnce" => "RWO",
        "ReadOnlyMany" => "ROX",
        "ReadWriteMany" => "RWX",
        "ReadWriteOncePod" => "RWOP",
        var other => other,
    }));

    private static string Amounts(JsonElement item, bool limits) => string.Join(", ", item.Properties("spec", "hard")
        .Where(amount => amount.Name.StartsWith("limits", StringComparison.Ordinal) == limits)
        .OrderBy(amount => amount.Name, StringComparer.Ordinal)
        .Select(amount => $"{amount.Name}: {item.Text("status", "used", amount.Name) ?? "0"}/{amount.Value.GetString()}"));

    private static string MinReplicas(JsonElement item) =>
        item.Integer("spec", "minReplicas")?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "<unset>";
}
