using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Selection;
using Mesh.Local.ApiServer.Storage;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.Kinds;

/// <summary>Deployment, ReplicaSet, StatefulSet, DaemonSet and Job: defaults, and a selector that fits its template.</summary>
internal sealed class WorkloadRules(string kind) : KindRules
{
    public override bool HasGeneration(WriteRequest write) => true;

    public override void PrepareCreate(JsonObject item)
    {
        item["status"] = kind switch
        {
            "ReplicaSet" => new JsonObject { ["replicas"] = 0 },
            "StatefulSet" => new JsonObject { ["replicas"] = 0, ["availableReplicas"] = 0 },
            "DaemonSet" => new JsonObject { ["currentNumberScheduled"] = 0, ["numberMisscheduled"] = 0, ["desiredNumberScheduled"] = 0, ["numberReady"] = 0 },
            _ => new JsonObject(),
        };
        if (kind == "Job")
            JobRules.Select(item);
    }

    public override void Default(JsonObject item)
    {
        var spec = item.Section("spec");
        if (spec["template"] is JsonObject template)
        {
            template.Section("metadata");
            PodTemplateDefaults.Apply(template.Section("spec"));
        }

        switch (kind)
        {
            case "Deployment":
                spec.Default("replicas", 1);
                Strategy(spec, "strategy", "25%", "25%");
                spec.Default("revisionHistoryLimit", 10);
                spec.Default("progressDeadlineSeconds", 600);
                break;
            case "ReplicaSet":
                spec.Default("replicas", 1);
                break;
            case "StatefulSet":
                spec.Default("replicas", 1);
                spec.Default("podManagementPolicy", "OrderedReady");
                spec.Default("revisionHistoryLimit", 10);
                var update = spec.Section("updateStrategy");
                update.Default("type", "RollingUpdate");
                if (update.Text("type") == "RollingUpdate")
                    update.Section("rollingUpdate").Default("partition", 0);
                spec.Section("persistentVolumeClaimRetentionPolicy").Default("whenDeleted", "Retain");
                spec.Section("persistentVolumeClaimRetentionPolicy").Default("whenScaled", "Retain");
                break;
            case "DaemonSet":
                Strategy(spec, "updateStrategy", 1, 0);
                item.Section("metadata").Section("annotations").Default("deprecated.daemonset.template.generation", "1");
                spec.Default("revisionHistoryLimit", 10);
                break;
            case "Job":
                JobRules.Default(spec, item);
                break;
        }
    }

    public override void Validate(List<FieldProblem> problems, JsonObject item, StoredObject? before)
    {
        var spec = item["spec"] as JsonObject ?? [];
        var template = spec["template"] as JsonObject ?? [];
        if (kind != "Job" && spec["selector"] is not JsonObject)
        {
            problems.Add(FieldProblem.Required("spec.selector"));
            // What is not there selects nothing.
            if (kind == "Deployment")
                problems.Add(Mismatch(template));
        }
        else if (spec["selector"] is JsonObject selector)
        {
            Selector(problems, selector, template, before);
        }

        Template(problems, template["spec"] as JsonObject ?? []);
        if (kind == "Deployment")
            RollingStrategy(problems, spec.Map("strategy", "rollingUpdate"));
        PodTemplateCheck.Add(problems, template["spec"] as JsonObject ?? [], "spec.template.spec");
        if (kind == "Deployment")
            StatusCounts.Add(problems, item["status"] as JsonObject);
        if (spec.Integer("replicas") is < 0 and var replicas)
            problems.Add(FieldProblem.Invalid("spec.replicas", replicas.ToString(System.Globalization.CultureInfo.InvariantCulture), "must be greater than or equal to 0"));
    }

    private void Selector(List<FieldProblem> problems, JsonObject selector, JsonObject template, StoredObject? before)
    {
        if (!LabelSelector.FromObject(selector.ToElement()).MatchesLabels(key => template.Text("metadata", "labels", key)))
            problems.Add(Mismatch(template));

        if (before is not null && !JsonNode.DeepEquals(selector, before.Edit().At("spec", "selector")))
            problems.Add(FieldProblem.Invalid("spec.selector", selector.ToJsonString(), "field is immutable"));
    }

    private static FieldProblem Mismatch(JsonObject template) => FieldProblem.Invalid(
        "spec.template.metadata.labels", template.At("metadata", "labels")?.ToJsonString() ?? "null", "`selector` does not match template `labels`");

    /// <summary>Pods that are kept at a number are restarted whenever they end; a Job's must be able to end.</summary>
    private void Template(List<FieldProblem> problems, JsonObject template)
    {
        var policy = template.Text("restartPolicy") ?? "";
        if (kind == "Job" ? policy is not ("OnFailure" or "Never") : policy != "Always")
            problems.Add(FieldProblem.NotSupported("spec.template.spec.restartPolicy", FieldProblem.Quote(policy), kind == "Job" ? ["Never", "OnFailure"] : ["Always"]));
    }

    private static void RollingStrategy(List<FieldProblem> problems, JsonObject? rolling)
    {
        if (rolling is not null && IsNone(rolling["maxSurge"]) && IsNone(rolling["maxUnavailable"]))
            problems.Add(FieldProblem.Invalid("spec.strategy.rollingUpdate.maxUnavailable", rolling["maxUnavailable"]!.ToJsonString(), "may not be 0 when `maxSurge` is 0"));

        static bool IsNone(JsonNode? amount) => amount?.ToString() is "0" or "0%";
    }

    private static void Strategy(JsonObject spec, string name, JsonNode unavailable, JsonNode surge)
    {
        var strategy = spec.Section(name);
        strategy.Default("type", "RollingUpdate");
        if (strategy.Text("type") != "RollingUpdate")
            return;
        strategy.Section("rollingUpdate").Default("maxUnavailable", unavailable);
        strategy.Section("rollingUpdate").Default("maxSurge", surge);
    }
}
