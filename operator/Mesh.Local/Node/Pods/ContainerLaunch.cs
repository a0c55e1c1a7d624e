using System.Security.Cryptography;
using System.Text;
using k8s.Models;
using Mesh.Local.Node.Containers;
using Mesh.Local.Node.Linux;
using Mesh.Local.Node.Sessions;

namespace Mesh.Local.Node.Pods;

/// <summary>One run of a container: image, configuration, log, limits, process; and what its end was.</summary>
internal static class ContainerLaunch
{
    /// <summary>Starts it, has <paramref name="live"/> watch over it until it exits, and says what it came to.</summary>
    /// <exception cref="ContainerStartException">It cannot be made or started.</exception>
    public static async Task<ContainerEnding> RunAsync(
        PodContext context, V1Container container, int number, Action<ContainerRun?, int> begun,
        Func<ContainerRun, int, Task<ExitStatus>> live, CancellationToken cancellation)
    {
        var services = context.Services;
        var image = services.Images.Find(container.Image ?? "", container.ImagePullPolicy);
        context.Tell(container, false, "Pulled", $"Container image \"{container.Image}\" already present on machine and can be accessed by the pod");
        var spec = await ContainerSpecs.BuildAsync(context, container, image, cancellation);
        var scratch = Directory.CreateDirectory(Path.Combine(context.Directory, "scratch", container.Name)).FullName;
        var path = PodLogs.PathOf(services.Directory, context.Pod, container.Name, number);
        using var group = Group(context, container, number);
        ExitStatus status;
        using (var log = new ContainerLog(path, services.Time))
        {
            begun(null, number);
            context.Tell(container, false, "Created", "Container created");
            var output = new ContainerOutput(log);
            var process = await ContainerProcess.StartAsync(spec, scratch, output.Write);
            group?.Add(process.Pid);
            var run = new ContainerRun(process, spec, output);
            begun(run, number);
            services.Started(process.Pid);
            Register(context, container, process.Pid, spec);
            context.Tell(container, false, "Started", "Container started");
            try
            {
                status = await live(run, number);
            }
            finally
            {
                services.Running.Remove(context.Pod.Metadata.NamespaceProperty, context.Pod.Metadata.Name, container.Name);
            }
        }

        var reason = status.Code == 0 ? "Completed" : group?.RanOutOfMemory() == true ? "OOMKilled" : "Error";
        return new ContainerEnding(status.Code, reason, TerminationLog.Read(context, container, status.Code, path));
    }

    /// <summary>The name of a run as a container runtime gives one: no meaning, and never the same twice.</summary>
    public static string IdOf(PodContext context, string container, int number) =>
        "mesh://" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{context.Pod.Metadata.Uid}/{container}/{number}")));

    public static V1ContainerUser UserOf(ContainerSpec spec) => new()
    {
        Linux = new V1LinuxContainerUser
        {
            Uid = spec.User,
            Gid = spec.Group,
            SupplementalGroups = [.. spec.SupplementalGroups.Prepend(spec.Group).Distinct().Select(g => (long?)g)],
        },
    };

    /// <summary>The control group that holds the container to its limits; null when it has none, or the machine cannot (which is said).</summary>
    private static ContainerGroup? Group(PodContext context, V1Container container, int number)
    {
        var memory = Limit(container, "memory");
        var cpu = Limit(container, "cpu");
        if (memory is null && cpu is null) return null;
        var why = context.Services.Limits.Missing;
        try
        {
            if (why is null) return context.Services.Limits.Create($"{context.Pod.Metadata.Uid}_{container.Name}_{number}", (long?)memory, (double?)cpu);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            why = e.Message;
        }

        context.Tell(container, true, "LimitsNotEnforced", $"limits of container {container.Name} are not enforced: {why}");
        return null;
    }

    private static decimal? Limit(V1Container container, string resource) =>
        container.Resources?.Limits?.TryGetValue(resource, out var quantity) == true ? quantity.ToDecimal() : null;

    private static void Register(PodContext context, V1Container container, int pid, ContainerSpec spec)
    {
        string? named = null;
        context.Pod.Metadata.Annotations?.TryGetValue("kubectl.kubernetes.io/default-container", out named);
        context.Services.Running.Add(new RunningContainer
        {
            Namespace = context.Pod.Metadata.NamespaceProperty,
            Pod = context.Pod.Metadata.Name,
            PodUid = context.Pod.Metadata.Uid,
            Container = container.Name,
            Pid = pid,
            Started = ProcessLedger.StartOf(pid) ?? "",
            IsDefault = container.Name == (named ?? context.Pod.Spec.Containers[0].Name),
            User = spec.User,
            Group = spec.Group,
            Groups = spec.SupplementalGroups,
            Capabilities = spec.Capabilities,
        });
    }
}
