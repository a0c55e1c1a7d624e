using System.Collections.Immutable;
using k8s.Models;
using Mesh.Local.Node.Containers;
using Mesh.Local.Node.Linux;

namespace Mesh.Local.Node.Volumes;

/// <summary>The volumes of one pod as directories of the machine, made once and refreshed when told.</summary>
internal sealed class PodVolumes(string directory, VolumeContents contents, TimeProvider time, Random random) : IDisposable
{
    /// <summary>The pod's tmpfs volumes, for its containers to start from; null when it has none.</summary>
    public MountNamespace? Mounts { get; private set; }

    /// <exception cref="VolumeException">A volume that cannot be made (now).</exception>
    public async Task PrepareAsync(V1Pod pod, CancellationToken cancellation)
    {
        var memory = new List<(string, string)>();
        var group = (uint?)pod.Spec.SecurityContext?.FsGroup;
        foreach (var volume in pod.Spec.Volumes ?? [])
        {
            var path = PathOf(volume.Name);
            if (volume.EmptyDir is { } empty)
            {
                Directory.CreateDirectory(path);
                File.SetUnixFileMode(path, (UnixFileMode)(group is null ? 0x1FF : 0x5FF));
                // Set-group-id: what is made in there belongs to the group too.
                if (group is { } owner) Libc.Check(Libc.Chown(path, 0, owner), $"give volume {volume.Name} to group {owner}");
                if (empty.Medium == "Memory") memory.Add((path, (group is { } g ? $"mode=2777,gid={g}" : "mode=0777") + Size(empty.SizeLimit)));
            }
            else if (volume.HostPath is not null || await contents.ReadAsync(pod, volume, cancellation) is not { } files)
            {
                throw new VolumeException($"volume \"{volume.Name}\" is of a kind a local mesh does not have (it has configMap, secret, emptyDir, projected and downwardAPI)");
            }
            else
            {
                AtomicDirectory.Write(path, files, group, time.GetUtcNow(), random);
            }
        }

        if (memory.Count > 0) Mounts ??= MountNamespace.WithMemory(memory);
    }

    /// <summary>Brings the files up to date; an object that is gone leaves the files as they are, as a kubelet does.</summary>
    public async Task RefreshAsync(V1Pod pod, CancellationToken cancellation)
    {
        var missing = new List<string>();
        foreach (var volume in (pod.Spec.Volumes ?? []).Where(v => v.EmptyDir is null))
        {
            try
            {
                if (await contents.ReadAsync(pod, volume, cancellation) is { } files)
                    AtomicDirectory.Write(PathOf(volume.Name), files, (uint?)pod.Spec.SecurityContext?.FsGroup, time.GetUtcNow(), random);
            }
            catch (VolumeException e)
            {
                missing.Add($"{volume.Name}: {e.Message}");
            }
        }

        if (missing.Count > 0) throw new VolumeException(string.Join("; ", missing));
    }

    /// <summary>The mounts of one container.</summary>
    /// <exception cref="ContainerStartException">A mount names a volume the pod does not have, or a way that is not there.</exception>
    public ImmutableArray<BindMount> For(V1Container container, V1Pod pod, IReadOnlyList<KeyValuePair<string, string>> environment) =>
    [
        .. (container.VolumeMounts ?? []).Select(mount =>
        {
            var volume = (pod.Spec.Volumes ?? []).FirstOrDefault(v => v.Name == mount.Name)
                ?? throw new ContainerStartException("CreateContainerConfigError", $"volumeMount \"{mount.Name}\" names no volume of the pod", 0);
            var below = SubPath(mount, environment);
            var source = below is null ? PathOf(mount.Name) : RootPath.Resolve(PathOf(mount.Name), below);
            if (volume.EmptyDir is not null && volume.EmptyDir.Medium != "Memory" && !Path.Exists(source)) MakeLike(source, PathOf(mount.Name));
            // Only scratch space can be written; what is made from objects is theirs.
            return new BindMount(source, mount.MountPath, (mount.ReadOnlyProperty ?? false) || volume.EmptyDir is null);
        }),
    ];

    public void Dispose()
    {
        Mounts?.Dispose();
        if (Directory.Exists(directory)) Directory.Delete(directory, recursive: true);
    }

    /// <summary>A directory below a volume that is as open as the volume itself.</summary>
    private static void MakeLike(string path, string volume)
    {
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, File.GetUnixFileMode(volume));
    }

    private static string? SubPath(V1VolumeMount mount, IReadOnlyList<KeyValuePair<string, string>> environment)
    {
        if (string.IsNullOrEmpty(mount.SubPathExpr)) return string.IsNullOrEmpty(mount.SubPath) ? null : mount.SubPath;
        var expanded = Pods.ContainerEnvironment.Expand(mount.SubPathExpr, environment.ToDictionary(e => e.Key, e => e.Value));
        return expanded.Contains("$(", StringComparison.Ordinal) || expanded.StartsWith('/') || expanded.Split('/').Contains("..")
            ? throw new ContainerStartException("CreateContainerConfigError", $"subPathExpr \"{mount.SubPathExpr}\" of volumeMount \"{mount.Name}\" comes to \"{expanded}\", which is no path within the volume", 0)
            : expanded;
    }

    private string PathOf(string volume) => Path.Combine(directory, volume);

    private static string Size(ResourceQuantity? limit) => limit is null ? "" : $",size={(long)limit.ToDecimal()}";
}
