using System.CommandLine;
using Mesh.Local;
using Mesh.Local.ApiServer;
using Mesh.Local.Node;

namespace Mesh.Cli.Commands;

/// <summary>`mesh logs POD`: what a container wrote, as it is written with -f.</summary>
internal static class LogsCommand
{
    public static Command Create()
    {
        var name = CommonOptions.Name();
        var ns = CommonOptions.Namespace();
        var container = new Option<string?>("--container", "-c") { Description = "Container; without it the pod's first (or its default one)" };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on as it is written" };
        var previous = new Option<bool>("--previous", "-p") { Description = "Of the run before the last restart" };
        var tail = new Option<long?>("--tail") { Description = "Only that many of the last lines" };
        var timestamps = new Option<bool>("--timestamps") { Description = "With the time of each line" };
        var pod = new Argument<string>("pod") { Description = "NAME, pod/NAME or deploy/NAME" };
        var command = new Command("logs", "Print a container's log") { name, ns, container, follow, previous, tail, timestamps, pod };
        command.SetAction(async (result, cancellation) =>
        {
            var paths = MeshPaths.For(result.GetValue(name)!);
            var space = result.GetValue(ns)!;
            var words = result.GetValue(pod)!;
            var running = new RunningContainers(Path.Combine(paths.Node, "running"));
            var podName = words.StartsWith("pod/", StringComparison.Ordinal) ? words[4..] : words.Contains('/') ? running.Pod(space, words) : words;
            var (uid, containers) = MeshLogs.Find(paths, space, podName) ?? throw new KeyNotFoundException($"pod {space}/{podName} has no logs here");
            var chosen = result.GetValue(container) ?? Default(running, space, podName, containers);
            var request = new PodLogRequest
            {
                Namespace = space,
                Pod = podName,
                PodUid = uid,
                Container = chosen,
                Follow = result.GetValue(follow),
                Previous = result.GetValue(previous),
                TailLines = result.GetValue(tail),
                Timestamps = result.GetValue(timestamps),
            };
            await using var log = await MeshLogs.OpenAsync(paths, request, TimeProvider.System, cancellation)
                ?? throw new KeyNotFoundException($"container {chosen} of pod {space}/{podName} has no {(request.Previous ? "earlier " : "")}log; with logs: {string.Join(", ", containers)}");
            await using var console = Console.OpenStandardOutput();
            await log.CopyToAsync(console, cancellation);
            return ExitCodes.Fine;
        });
        return command;
    }

    private static string Default(RunningContainers running, string ns, string pod, IReadOnlyList<string> containers)
    {
        try
        {
            return running.Find(ns, pod, null).Container;
        }
        catch (KeyNotFoundException)
        {
            // Not running now: the first that is not the mesh's own.
            return containers.FirstOrDefault(c => c is not ("mesh-init" or "mesh-proxy")) ?? containers[0];
        }
    }
}
