using System.Collections.Immutable;
using k8s.Models;
using Mesh.Local.Node.Containers;

namespace Mesh.Local.Node.Pods;

/// <summary>From a pod's container as written to a container as it runs: image, command, user, capabilities, mounts, files.</summary>
internal static class ContainerSpecs
{
    /// <exception cref="ContainerStartException">The manifest cannot be run here; the message says why.</exception>
    public static async Task<ContainerSpec> BuildAsync(PodContext context, V1Container container, Image image, CancellationToken cancellation)
    {
        var pod = context.Pod;
        var security = container.SecurityContext;
        if (pod.Spec.HostNetwork == true || pod.Spec.HostPID == true || pod.Spec.HostIPC == true)
            throw Config("hostNetwork, hostPID and hostIPC are not supported by a local mesh: its pods never share the machine's own namespaces");
        if (security?.Privileged == true) throw Config("privileged containers are not supported by a local mesh");
        var user = (uint)(security?.RunAsUser ?? pod.Spec.SecurityContext?.RunAsUser ?? image.User);
        if (user == 0 && (security?.RunAsNonRoot ?? pod.Spec.SecurityContext?.RunAsNonRoot) == true)
            throw Config("container has runAsNonRoot and would run as root");
        var environment = await new ContainerEnvironment(context.Services.Objects, context.Placement)
            .ResolveAsync(pod, container, [.. Defaults(pod, image), .. ServiceVariables.Build(pod, context.Services.Services())], cancellation);
        return new ContainerSpec
        {
            Name = container.Name,
            HostName = HostName(pod),
            Network = context.Network.Namespace,
            PodMounts = context.Volumes.Mounts,
            Command = Command(container, image, environment),
            Environment = environment,
            WorkingDirectory = string.IsNullOrEmpty(container.WorkingDir) ? null : container.WorkingDir,
            User = user,
            Group = (uint)(security?.RunAsGroup ?? pod.Spec.SecurityContext?.RunAsGroup ?? (image.User == user ? user : 0)),
            SupplementalGroups = Groups(pod.Spec.SecurityContext),
            Capabilities = [.. (security?.Capabilities?.Add ?? []).Select(Capability)],
            Mounts = [.. image.Mounts, TerminationLog.Create(context, container), .. context.Volumes.For(container, pod, environment)],
            Files = Files(context, pod),
            Hidden = context.Services.Hidden,
            Input = container.Stdin == true,
            InputOnce = container.StdinOnce == true,
            Terminal = container.Tty == true,
        };
    }

    public static string HostName(V1Pod pod)
    {
        var name = string.IsNullOrEmpty(pod.Spec.Hostname) ? pod.Metadata.Name : pod.Spec.Hostname;
        return name.Length > 63 ? name[..63].TrimEnd('-', '.') : name;
    }

    private static IEnumerable<KeyValuePair<string, string>> Defaults(V1Pod pod, Image image) =>
    [
        KeyValuePair.Create("PATH", ContainerProcess.DefaultPath),
        KeyValuePair.Create("HOME", ContainerRoot.WorkDirectory),
        KeyValuePair.Create("HOSTNAME", HostName(pod)),
        .. image.Environment,
    ];

    private static ImmutableArray<string> Command(V1Container container, Image image, ImmutableArray<KeyValuePair<string, string>> environment)
    {
        var values = environment.ToDictionary(e => e.Key, e => e.Value);
        var program = (container.Command ?? []).Select(c => ContainerEnvironment.Expand(c, values)).ToImmutableArray();
        var arguments = (container.Args ?? []).Select(a => ContainerEnvironment.Expand(a, values));
        if (program.IsEmpty)
        {
            program = image.Entrypoint;
            if (container.Args is null or []) arguments = image.Arguments;
        }

        return program.IsEmpty ? throw Config($"image {container.Image} has no program of its own: the container needs a command") : [.. program, .. arguments];
    }

    private static ImmutableArray<uint> Groups(V1PodSecurityContext? security)
    {
        var groups = (security?.SupplementalGroups ?? []).Select(g => (uint)g.GetValueOrDefault());
        return [.. (security?.FsGroup is { } fs ? groups.Append((uint)fs) : groups).Distinct()];
    }

    private static string Capability(string name)
    {
        if (string.Equals(name, "ALL", StringComparison.OrdinalIgnoreCase)) throw Config("capabilities.add: ALL is not supported by a local mesh");
        var bare = name.StartsWith("CAP_", StringComparison.OrdinalIgnoreCase) ? name[4..] : name;
        return bare.ToLowerInvariant();
    }

    private static ImmutableDictionary<string, string> Files(PodContext context, V1Pod pod)
    {
        var host = HostName(pod);
        var domain = string.IsNullOrEmpty(pod.Spec.Subdomain) ? "" : $"\t{host}.{pod.Spec.Subdomain}.{pod.Metadata.NamespaceProperty}.svc.cluster.local";
        var hosts = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n" +
            $"{context.IP}{domain}\t{host}\n" +
            string.Concat((pod.Spec.HostAliases ?? []).Select(alias => $"{alias.Ip}\t{string.Join('\t', alias.Hostnames ?? [])}\n"));
        return ImmutableDictionary<string, string>.Empty
            .Add("/etc/hosts", hosts)
            .Add("/etc/hostname", host + "\n")
            .Add("/etc/resolv.conf", ResolverFile.Build(pod, context.Services.Network.Plan.Node.ToString()));
    }

    private static ContainerStartException Config(string message) => new("CreateContainerConfigError", message, 0);
}
