using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Selection;
using Mesh.Local.ApiServer.Storage;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.Subresources;

/// <summary>
/// Eviction: a deletion that a PodDisruptionBudget may forbid (429, to be tried again later, as `kubectl drain` does). One that
/// is allowed is taken off the budget at once, so that two at the same time cannot both have the last one.
/// </summary>
internal sealed class EvictionSubresource(ObjectStore store, ReadHandler reads, ObjectWrites writes, TimeProvider time)
{
    private const string Budgets = "poddisruptionbudgets.policy";

    public async Task AnswerAsync(ApiRequest request)
    {
        var eviction = await RequestBody.ReadObjectAsync(request);
        if (eviction.Text("metadata", "name") is { Length: > 0 } name && name != request.Name)
            throw StatusException.BadRequest("name in URL does not match name in Eviction object");
        var pod = reads.Find(request);
        var options = DeleteRequest.Of(request, eviction["deleteOptions"] as JsonObject);
        if (!NeedsNoBudget(pod))
            await TakeAsync(request, pod, options);
        if (!options.DryRun)
            await MarkAsync(request, pod);
        await writes.DeleteAsync(WriteRequest.Of(request) with { Subresource = "" }, options, request.Cancellation);
        await Answers.WriteAsync(request.Context, 201, BindingSubresource.Success(201));
    }

    /// <summary>A pod that does not run yet or any more, or is going already, costs nobody anything.</summary>
    private static bool NeedsNoBudget(StoredObject pod) => pod.IsTerminating || pod.Json.Text("status", "phase") is "Succeeded" or "Failed" or "Pending";

    private async Task TakeAsync(ApiRequest request, StoredObject pod, DeleteRequest options)
    {
        var budgets = store.Collection(Budgets).State.Values
            .Where(budget => budget.Namespace == pod.Namespace && Selects(budget, pod))
            .ToList();
        if (budgets.Count > 1)
            throw StatusException.Internal("This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
        if (budgets is not [var found] || IsBeyondBudget(found, pod))
            return;
        if ((found.Json.Integer("status", "observedGeneration") ?? 0) < (found.Json.Integer("metadata", "generation") ?? 0))
            throw Refused($"The disruption budget {found.Name} is still being processed by the server.", retryAfter: 10);
        Check(found);
        if (options.DryRun)
            return;
        var write = WriteRequest.Own(request.Catalog, request.Catalog.Find("policy", "poddisruptionbudgets")!, found.Namespace, found.Name) with { Subresource = "status" };
        await writes.UpdateAsync(write, before => Less(before, pod.Name), request.Cancellation);
    }

    private static bool Selects(StoredObject budget, StoredObject pod) =>
        budget.Json.At("spec", "selector") is { } selector && LabelSelector.FromObject(selector).Matches(pod.Json);

    /// <summary>A pod that is not ready does not count as healthy; it may go when the budget is kept without it, or always if so asked.</summary>
    private static bool IsBeyondBudget(StoredObject budget, StoredObject pod)
    {
        if (pod.Json.Items("status", "conditions").Any(condition => condition.Text("type") == "Ready" && condition.Text("status") == "True"))
            return false;
        var (healthy, desired) = (budget.Json.Integer("status", "currentHealthy") ?? 0, budget.Json.Integer("status", "desiredHealthy") ?? 0);
        return budget.Json.Text("spec", "unhealthyPodEvictionPolicy") == "AlwaysAllow" || (desired > 0 && healthy >= desired);
    }

    private static void Check(StoredObject budget)
    {
        if ((budget.Json.Integer("status", "disruptionsAllowed") ?? 0) > 0)
            return;
        var status = budget.Json;
        throw Refused($"The disruption budget {budget.Name} needs {status.Integer("status", "desiredHealthy") ?? 0} healthy pods and has {status.Integer("status", "currentHealthy") ?? 0} currently", null);
    }

    private JsonObject Less(StoredObject before, string pod)
    {
        Check(before);
        var after = before.Edit();
        var status = after.Section("status");
        status["disruptionsAllowed"] = (before.Json.Integer("status", "disruptionsAllowed") ?? 0) - 1;
        status.Section("disruptedPods")[pod] = Timestamps.Seconds(time.GetUtcNow());
        return after;
    }

    /// <summary>The pod says itself why it went.</summary>
    private Task MarkAsync(ApiRequest request, StoredObject pod) => writes.UpdateAsync(
        WriteRequest.Of(request) with { Subresource = "status" },
        before =>
        {
            var after = before.Edit();
            var conditions = after.List("status", "conditions") ?? [];
            after.Section("status")["conditions"] = new JsonArray(
            [
                .. conditions.Where(condition => condition.Text("type") != "DisruptionTarget").Select(condition => condition!.DeepClone()),
                new JsonObject
                {
                    ["type"] = "DisruptionTarget",
                    ["status"] = "True",
                    ["lastProbeTime"] = null,
                    ["lastTransitionTime"] = Timestamps.Seconds(time.GetUtcNow()),
                    ["reason"] = "EvictionByEvictionAPI",
                    ["message"] = "Eviction API: evicting",
                },
            ]);
            return after;
        },
        request.Cancellation);

    private static StatusException Refused(string cause, int? retryAfter) => new(
        429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.",
        new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["reason"] = "DisruptionBudget", ["message"] = cause }) }, retryAfter);
}
