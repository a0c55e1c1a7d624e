using System.Globalization;
using System.Text.Json;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Tables;

/// <summary>
/// What `kubectl get pods` says of a pod: how many containers are ready (native sidecars count), the one word for its state,
/// and its restarts. The word is found as Kubernetes finds it: the first init container that is not done, else the last thing
/// that went wrong with a container, else the phase.
/// </summary>
internal sealed record PodRow(string Ready, string Status, string Restarts)
{
    public static PodRow Of(JsonElement pod, DateTimeOffset now)
    {
        var count = new Count { Total = pod.Count("spec", "containers") + Sidecars(pod).Count };
        count.Reason = pod.Text("status", "reason") is { Length: > 0 } reason ? reason : pod.Text("status", "phase") ?? "Unknown";
        foreach (var condition in pod.Items("status", "conditions"))
        {
            if (condition.Text("type") == "PodScheduled" && condition.Text("reason") == "SchedulingGated")
                count.Reason = "SchedulingGated";
        }

        var initializing = Init(pod, count);
        if (!initializing || HasCondition(pod, "Initialized"))
            Main(pod, count);
        if (pod.Text("metadata", "deletionTimestamp") is not null)
            count.Reason = Ending(pod, count.Reason);
        var restarts = count.Restarts.ToString(CultureInfo.InvariantCulture);
        if (count.Restarts > 0 && count.LastRestart is { } last)
            restarts += $" ({Ages.Short(now - last)} ago)";
        return new PodRow($"{count.Ready}/{count.Total}", count.Reason, restarts);
    }

    /// <summary>A row says of a pod that has ended that it has: kubectl leaves such rows out where it is asked to.</summary>
    public static void WriteCompletion(Utf8JsonWriter writer, JsonElement pod)
    {
        var phase = pod.Text("status", "phase");
        if (phase is not ("Succeeded" or "Failed"))
            return;
        writer.WriteStartArray("conditions");
        writer.WriteStartObject();
        writer.WriteString("type", "Completed");
        writer.WriteString("status", "True");
        writer.WriteString("reason", phase);
        writer.WriteString("message", phase == "Succeeded" ? "The pod has completed successfully." : "The pod failed.");
        writer.WriteEndObject();
        writer.WriteEndArray();
    }

    private static bool Init(JsonElement pod, Count count)
    {
        var sidecars = Sidecars(pod);
        var total = pod.Count("spec", "initContainers");
        var index = 0;
        foreach (var status in pod.Items("status", "initContainerStatuses"))
        {
            var sidecar = sidecars.Contains(status.Text("name") ?? "");
            count.Restarted(status);
            if (sidecar)
                count.SidecarRestarts += status.Integer("restartCount") ?? 0;
            var terminated = status.At("state", "terminated");
            if (terminated?.Integer("exitCode") == 0)
            {
                index++;
                continue;
            }

            if (sidecar && status.Flag("started"))
            {
                count.Ready += status.Flag("ready") ? 1 : 0;
                index++;
                continue;
            }

            if (terminated is { } ended)
                count.Reason = "Init:" + Ended(ended);
            else if (status.Text("state", "waiting", "reason") is { Length: > 0 } and not "PodInitializing")
                count.Reason = "Init:" + status.Text("state", "waiting", "reason");
            else
                count.Reason = $"Init:{index}/{total}";
            return true;
        }

        return false;
    }

    private static void Main(JsonElement pod, Count count)
    {
        count.Restarts = count.SidecarRestarts;
        var running = false;
        foreach (var status in pod.Items("status", "containerStatuses").Reverse())
        {
            count.Restarted(status);
            if (status.Text("state", "waiting", "reason") is { Length: > 0 } waiting)
                count.Reason = waiting;
            else if (status.At("state", "terminated") is { } ended)
                count.Reason = Ended(ended);
            else if (status.Flag("ready") && status.At("state", "running") is not null)
            {
                running = true;
                count.Ready++;
            }
        }

        if (count.Reason == "Completed" && running)
            count.Reason = HasCondition(pod, "Ready") ? "Running" : "NotReady";
    }

    private static string Ended(JsonElement terminated)
    {
        if (terminated.Text("reason") is { Length: > 0 } reason)
            return reason;
        return terminated.Integer("signal") is > 0 and var signal ? $"Signal:{signal}" : $"ExitCode:{terminated.Integer("exitCode") ?? 0}";
    }

    private static string Ending(JsonElement pod, string reason)
    {
        if (pod.Text("status", "reason") == "NodeLost")
            return "Unknown";
        return pod.Text("status", "phase") is "Succeeded" or "Failed" ? reason : "Terminating";
    }

    private static HashSet<string> Sidecars(JsonElement pod) => [.. pod.Items("spec", "initContainers")
        .Where(container => container.Text("restartPolicy") == "Always")
        .Select(container => container.Text("name") ?? "")];

    private static bool HasCondition(JsonElement pod, string type) =>
        pod.Items("status", "conditions").Any(condition => condition.Text("type") == type && condition.Text("status") == "True");

    private sealed class Count
    {
        public int Total { get; init; }

        public int Ready { get; set; }

        public string Reason { get; set; } = "";

        public long Restarts { get; set; }

        public long SidecarRestarts { get; set; }

        public DateTimeOffset? LastRestart { get; private set; }

        public void Restarted(JsonElement status)
        {
            Restarts += status.Integer("restartCount") ?? 0;
            if (DateTimeOffset.TryParse(status.Text("lastState", "terminated", "finishedAt"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var end)
                && (LastRestart is null || end > LastRestart))
                LastRestart = end;
        }
    }
}
