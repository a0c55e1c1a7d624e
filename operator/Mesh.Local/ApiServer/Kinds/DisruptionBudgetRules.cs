using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Storage;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.Kinds;

/// <summary>PodDisruptionBudgets: what must stay or what may go, not both; nothing may until a controller has counted.</summary>
internal sealed class DisruptionBudgetRules : KindRules
{
    public override bool HasGeneration(WriteRequest write) => true;

    public override void PrepareCreate(JsonObject item) => item["status"] = new JsonObject
    {
        ["disruptionsAllowed"] = 0,
        ["currentHealthy"] = 0,
        ["desiredHealthy"] = 0,
        ["expectedPods"] = 0,
    };

    public override void Validate(List<FieldProblem> problems, JsonObject item, StoredObject? before)
    {
        if (item.At("spec", "minAvailable") is not null && item.At("spec", "maxUnavailable") is not null)
            problems.Add(FieldProblem.Invalid("spec", item["spec"]!.ToJsonString(), "minAvailable and maxUnavailable cannot be both set"));
        if (item.Text("spec", "unhealthyPodEvictionPolicy") is { } policy and not ("AlwaysAllow" or "IfHealthyBudget"))
            problems.Add(FieldProblem.NotSupported("spec.unhealthyPodEvictionPolicy", FieldProblem.Quote(policy), ["AlwaysAllow", "IfHealthyBudget"]));
    }
}
