using System.Collections.Immutable;
using k8s.Models;
using Mesh.Local.Node.Containers;
using Mesh.Local.Node.Linux;

namespace Mesh.Local.Node.Volumes;

/// <summary>
/// The volumes of one pod as directories, made once and refreshed when told. Scratch space and ConfigMaps lie on the
/// machine's disk; tmpfs volumes and whatever holds secrets or tokens lie in the pod's own mount namespace and nowhere else.
/// </summary>
internal sealed class PodVolumes(string directory, VolumeContents contents, TimeProvider time, Random random) : IDisposable
{
    /// <summary>The pod's volumes in memory, for its containers to start from; null when it has none.</summary>
    public MountNamespace? Mounts { get; private set; }

    /// <exception cref="VolumeException">A volume that cannot be made (now); the message begins with its name, as a kubelet's does.</exception>
    public async Task PrepareAsync(V1Pod pod, CancellationToken cancellation)
    {
        var memory = new List<(string, string)>();
        var group = (uint?)pod.Spec.SecurityContext?.FsGroup;
        foreach (var volume in pod.Spec.Volumes ?? [])
        {
            var path = PathOf(volume.Name);
            Directory.CreateDirectory(path);
            if (volume.EmptyDir is { } empty)
            {
                File.SetUnixFileMode(path, (UnixFileMode)(group is null ? 0x1FF : 0x5FF));
                // Set-group-id: what is made in there belongs to the group too.
                if (group is { } owner) Libc.Check(Libc.Chown(path, 0, owner), $"give volume {volume.Name} to group {owner}");
                if (empty.Medium == "Memory") memory.Add((path, (group is { } g ? $"mode=2777,gid={g}" : "mode=0777") + Size(empty.SizeLimit)));
            }
            else if (IsSecret(volume))
            {
                memory.Add((path, "mode=0755"));
            }
        }

        if (memory.Count > 0) Mounts ??= MountNamespace.WithMemory(memory);
        foreach (var volume in (pod.Spec.Volumes ?? []).Where(v => v.EmptyDir is null)) await FillAsync(pod, volume, cancellation);
    }

    /// <summary>Brings the files up to date; an object that is gone leaves the files as they are, as a kubelet does.</summary>
    public async Task RefreshAsync(V1Pod pod, CancellationToken cancellation)
    {
        VolumeException? first = null;
        foreach (var volume in (pod.Spec.Volumes ?? []).Where(v => v.EmptyDir is null))
        {
            try
            {
                await FillAsync(pod, volume, cancellation);
            }
            catch (VolumeException e)
            {
                first ??= e;
            }
        }

        if (first is not null) throw first;
    }

    private async Task FillAsync(V1Pod pod, V1Volume volume, CancellationToken cancellation)
    {
        try
        {
            var files = volume.HostPath is null ? await contents.ReadAsync(pod, volume, cancellation) : null;
            if (files is null) throw new VolumeException("of a kind a local mesh does not have (it has configMap, secret, emptyDir, projected and downwardAPI)");
            var group = (uint?)pod.Spec.SecurityContext?.FsGroup;
            Within(() => AtomicDirectory.Write(PathOf(volume.Name), files, group, time.GetUtcNow(), random));
        }
        catch (Exception e) when (e is VolumeException or IOException or Operator.Runtime.ApiException or HttpRequestException or TimeoutException)
        {
            throw new VolumeException($"\"{volume.Name}\" : {e.Message}");
        }
    }

    /// <summary>What holds secrets and tokens is kept in memory alone, as a kubelet keeps it.</summary>
    private static bool IsSecret(V1Volume volume) => volume.Secret is not null || volume.Projected is not null || volume.DownwardAPI is not null;

    private T Within<T>(Func<T> work) => Mounts is { } mounts ? mounts.Run(work) : work();

    /// <summary>The mounts of one container.</summary>
    /// <exception cref="ContainerStartException">A mount names a volume the pod does not have, or a way that is not there.</exception>
    public ImmutableArray<BindMount> For(V1Container container, V1Pod pod, IReadOnlyList<KeyValuePair<string, string>> environment) =>
    [
        .. (container.VolumeMounts ?? []).Select(mount =>
        {
            var volume = (pod.Spec.Volumes ?? []).FirstOrDefault(v => v.Name == mount.Name)
                ?? throw new ContainerStartException("CreateContainerConfigError", $"volumeMount \"{mount.Name}\" names no volume of the pod", 0);
            var below = SubPath(mount, environment);
            var source = below is null ? PathOf(mount.Name) : Within(() => RootPath.Resolve(PathOf(mount.Name), below));
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
