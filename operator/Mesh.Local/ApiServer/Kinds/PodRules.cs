using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Storage;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.Kinds;

/// <summary>
/// Pods: defaults, the ServiceAccount and its token volume (which Kubernetes adds in an admission plugin), quality of service,
/// and the few fields of a spec that may change later.
/// </summary>
internal sealed class PodRules(ObjectStore store) : KindRules
{
    private const string TokenPath = "/var/run/secrets/kubernetes.io/serviceaccount";
    private const string NameLetters = "bcdfghjklmnpqrstvwxz2456789";

    private const string Immutable =
        "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

    public override bool HasGeneration(WriteRequest write) => write.Subresource != "binding";

    public override void PrepareCreate(JsonObject item) =>
        item["status"] = new JsonObject { ["phase"] = "Pending", ["qosClass"] = QualityOfService.Of(item.Section("spec")) };

    public override void Default(JsonObject item)
    {
        var spec = item.Section("spec");
        PodTemplateDefaults.Apply(spec);
        spec.Default("enableServiceLinks", true);
        foreach (var status in PodTemplateDefaults.Items(item["status"]?["containerStatuses"]).Concat(PodTemplateDefaults.Items(item["status"]?["initContainerStatuses"])))
        {
            status.Default("state", new JsonObject());
            status.Default("lastState", new JsonObject());
        }
    }

    public override void Admit(WriteRequest write, JsonObject item)
    {
        var spec = item.Section("spec");
        spec.Default("serviceAccountName", "default");
        spec["serviceAccount"] = spec["serviceAccountName"]!.DeepClone();
        var name = spec.Text("serviceAccountName")!;
        var account = store.Find("serviceaccounts", write.Namespace, name) ?? throw StatusException.Forbidden(
            write.Resource, item.Text("metadata", "name") ?? "", $"error looking up service account {write.Namespace}/{name}: serviceaccount \"{name}\" not found");
        if (spec["automountServiceAccountToken"] is null ? account.Json.At("automountServiceAccountToken")?.ValueKind != System.Text.Json.JsonValueKind.False : spec.Flag("automountServiceAccountToken"))
            MountToken(spec);
        Tolerate(spec);
        spec.Default("priority", 0);
        spec.Default("preemptionPolicy", "PreemptLowerPriority");
    }

    /// <summary>Only a binding puts a pod on a node.</summary>
    public override void Guard(WriteRequest write, JsonObject item, StoredObject? before)
    {
        if (before is not null && write.Subresource != "binding" && (item.Text("spec", "nodeName") ?? "") != (before.Json.Text("spec", "nodeName") ?? ""))
            throw StatusException.Invalid(write.Resource, before.Name, [FieldProblem.Forbidden("spec", Immutable)]);
    }

    public override void Validate(List<FieldProblem> problems, JsonObject item, StoredObject? before)
    {
        PodTemplateCheck.Add(problems, item["spec"] as JsonObject ?? [], "spec");
        if (before is null)
            return;
        var old = before.Edit();
        // Most writes of pods are of their status, and leave the rest as it is.
        if (!JsonNode.DeepEquals(item["spec"], old["spec"]) && !JsonNode.DeepEquals(Fixed(item), Fixed(old)))
            problems.Add(FieldProblem.Forbidden("spec", Immutable));
    }

    private static JsonObject Fixed(JsonObject pod)
    {
        var spec = (JsonObject)(pod["spec"]?.DeepClone() ?? new JsonObject());
        foreach (var container in PodTemplateDefaults.Items(spec["containers"]).Concat(PodTemplateDefaults.Items(spec["initContainers"])))
        {
            container.Remove("image");
            container.Remove("imagePullPolicy");
        }

        foreach (var free in (string[])["activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds", "ephemeralContainers", "nodeName", "schedulingGates"])
            spec.Remove(free);
        return spec;
    }

    private static void MountToken(JsonObject spec)
    {
        var needing = PodTemplateDefaults.Items(spec["initContainers"]).Concat(PodTemplateDefaults.Items(spec["containers"]))
            .Where(container => !PodTemplateDefaults.Items(container["volumeMounts"]).Any(mount => mount.Text("mountPath") == TokenPath))
            .ToList();
        if (needing.Count == 0)
            return;
        var existing = PodTemplateDefaults.Items(spec["volumes"]).Select(volume => volume.Text("name")!)
            .FirstOrDefault(name => name.StartsWith("kube-api-access-", StringComparison.Ordinal));
        var volume = existing ?? "kube-api-access-" + RandomNumberGenerator.GetString(NameLetters, 5);
        if (existing is null)
            List(spec, "volumes").Add(TokenVolume(volume));
        foreach (var container in needing)
            List(container, "volumeMounts").Add(new JsonObject { ["name"] = volume, ["readOnly"] = true, ["mountPath"] = TokenPath });
    }

    private static JsonObject TokenVolume(string name) => new()
    {
        ["name"] = name,
        ["projected"] = new JsonObject
        {
            ["sources"] = new JsonArray(
                new JsonObject { ["serviceAccountToken"] = new JsonObject { ["expirationSeconds"] = 3607, ["path"] = "token" } },
                new JsonObject
                {
                    ["configMap"] = new JsonObject
                    {
                        ["name"] = "kube-root-ca.crt",
                        ["items"] = new JsonArray(new JsonObject { ["key"] = "ca.crt", ["path"] = "ca.crt" }),
                    },
                },
                new JsonObject
                {
                    ["downwardAPI"] = new JsonObject
                    {
                        ["items"] = new JsonArray(new JsonObject
                        {
                            ["path"] = "namespace",
                            ["fieldRef"] = new JsonObject { ["apiVersion"] = "v1", ["fieldPath"] = "metadata.namespace" },
                        }),
                    },
                }),
            ["defaultMode"] = 420,
        },
    };

    private static void Tolerate(JsonObject spec)
    {
        var tolerations = List(spec, "tolerations");
        foreach (var key in (string[])["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"])
        {
            if (PodTemplateDefaults.Items(tolerations).Any(one => one.Text("key") == key && one.Text("effect") is null or "" or "NoExecute"))
                continue;
            tolerations.Add(new JsonObject { ["key"] = key, ["operator"] = "Exists", ["effect"] = "NoExecute", ["tolerationSeconds"] = 300 });
        }
    }

    private static JsonArray List(JsonObject owner, string name)
    {
        if (owner[name] is JsonArray list)
            return list;
        var made = new JsonArray();
        owner[name] = made;
        return made;
    }
}
