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
        foreach (var volume in pod.Spec.Volumes ?? [])
        {
            var path = PathOf(volume.Name);
            if (volume.EmptyDir is { } empty)
            {
                Directory.CreateDirectory(path);
                File.SetUnixFileMode(path, (UnixFileMode)0x1FF);
                if (empty.Medium == "Memory") memory.Add((path, "mode=0777" + Size(empty.SizeLimit)));
            }
            else if (volume.HostPath is not null || await contents.ReadAsync(pod, volume, cancellation) is not { } files)
            {
                throw new VolumeException($"volume \"{volume.Name}\" is of a kind a local mesh does not have (it has configMap, secret, emptyDir, projected and downwardAPI)");
            }
            else
            {
                AtomicDirectory.Write(path, files, time.GetUtcNow(), random);
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
                    AtomicDirectory.Write(PathOf(volume.Name), files, time.GetUtcNow(), random);
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
    public ImmutableArray<BindMount> For(V1Container container, V1Pod pod) =>
    [
        .. (container.VolumeMounts ?? []).Select(mount =>
        {
            var volume = (pod.Spec.Volumes ?? []).FirstOrDefault(v => v.Name == mount.Name)
                ?? throw new ContainerStartException("CreateContainerConfigError", $"volumeMount \"{mount.Name}\" names no volume of the pod", 0);
            if (!string.IsNullOrEmpty(mount.SubPathExpr))
                throw new ContainerStartException("CreateContainerConfigError", "subPathExpr is not supported by a local mesh", 0);
            var source = string.IsNullOrEmpty(mount.SubPath) ? PathOf(mount.Name) : RootPath.Resolve(PathOf(mount.Name), mount.SubPath);
            if (volume.EmptyDir is not null && volume.EmptyDir.Medium != "Memory" && !Path.Exists(source)) Directory.CreateDirectory(source);
            // Only scratch space can be written; what is made from objects is theirs.
            return new BindMount(source, mount.MountPath, (mount.ReadOnlyProperty ?? false) || volume.EmptyDir is null);
        }),
    ];

    public void Dispose()
    {
        Mounts?.Dispose();
        if (Directory.Exists(directory)) Directory.Delete(directory, recursive: true);
    }

    private string PathOf(string volume) => Path.Combine(directory, volume);

    private static string Size(ResourceQuantity? limit) => limit is null ? "" : $",size={(long)limit.ToDecimal()}";
}
