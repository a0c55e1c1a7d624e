using System.Collections.Immutable;
using Mesh.Local.Node.Linux;

namespace Mesh.Local.Node.Containers;

/// <summary>
/// Containers turns one fully resolved container into a process: what enters is this record (every variable expanded, every
/// volume a directory), what leaves is a running process with its own mounts, process ids and host name, its log file and
/// its exit. Nothing here knows Kubernetes, and nothing here is kept on disk that a killed supervisor would leave behind.
/// </summary>
internal sealed record ContainerSpec
{
    public required string Name { get; init; }

    public required string HostName { get; init; }

    public required NetworkNamespace Network { get; init; }

    /// <summary>The pod's tmpfs volumes; null when it has none.</summary>
    public MountNamespace? PodMounts { get; init; }

    /// <summary>Program and arguments; the program is looked up in PATH inside the container when it has no slash.</summary>
    public required ImmutableArray<string> Command { get; init; }

    public required ImmutableArray<KeyValuePair<string, string>> Environment { get; init; }

    /// <summary>Its input stays open for whoever attaches; otherwise it reads nothing.</summary>
    public bool Input { get; init; }

    /// <summary>Its input ends with the first who attached.</summary>
    public bool InputOnce { get; init; }

    public bool Terminal { get; init; }

    /// <summary>Null means the container's own writable directory.</summary>
    public string? WorkingDirectory { get; init; }

    public required uint User { get; init; }

    public required uint Group { get; init; }

    public ImmutableArray<uint> SupplementalGroups { get; init; } = [];

    /// <summary>Capabilities kept, in the kernel's lower-case names without CAP_; all others are dropped for good.</summary>
    public ImmutableArray<string> Capabilities { get; init; } = [];

    public ImmutableArray<BindMount> Mounts { get; init; } = [];

    /// <summary>Small files that replace the machine's own inside the container (resolv.conf, hosts).</summary>
    public ImmutableDictionary<string, string> Files { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Directories of the machine that no container may see.</summary>
    public ImmutableArray<string> Hidden { get; init; } = [];
}
