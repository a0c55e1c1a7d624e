using System.Collections.Immutable;

namespace Mesh.Config;

/// <summary>What a sidecar tells about itself (<c>GET :15020/report</c>): what it holds, what it refused and why.</summary>
/// <remarks>
/// <c>GET /report?after=SEQUENCE&amp;wait=10s</c> answers as soon as <see cref="Sequence"/> is greater than SEQUENCE, at the
/// latest after the time given: a caller learns of an acknowledgement at once without polling.
/// </remarks>
public sealed record ProxyReport
{
    /// <summary>Most entries of <see cref="ClearTextClients"/>; those seen last are kept.</summary>
    public const int MostClearTextClients = 100;

    /// <summary>Most entries of <see cref="Members"/>.</summary>
    public const int MostMembers = 200;

    /// <summary>Grows with each change of this report; starts anew (see <see cref="Instance"/>) with each process.</summary>
    public required long Sequence { get; init; }

    /// <summary>Random name of the process.</summary>
    public required string Instance { get; init; }

    /// <summary>Uid of the pod, as the downward API gave it.</summary>
    public string PodUid { get; init; } = "";

    /// <summary>Version of the sidecar.</summary>
    public string Version { get; init; } = "";

    /// <summary>Highest format version it reads.</summary>
    public int FormatVersion { get; init; } = ProxyConfig.CurrentFormatVersion;

    /// <summary>Revision in force; 0 before the first valid config.</summary>
    public long Revision { get; init; }

    /// <summary>Manifest hash in force; empty before the first valid config.</summary>
    public string Hash { get; init; } = "";

    /// <summary>Sections in force.</summary>
    public ImmutableArray<SectionRef> Sections { get; init; } = [];

    /// <summary>The sidecar's certificate; left out before the first attempt to get one.</summary>
    public IdentityReport? Identity { get; init; }

    /// <summary>The control session; left out before the sidecar looked for one.</summary>
    public SessionReport? Session { get; init; }

    /// <summary>Who reached the application in clear text, ordered by address and port; at most <see cref="MostClearTextClients"/>.</summary>
    public ImmutableArray<ClearTextClient> ClearTextClients { get; init; } = [];

    /// <summary>Members left out of balancing, ordered by cluster and address; at most <see cref="MostMembers"/>.</summary>
    public ImmutableArray<MemberReport> Members { get; init; } = [];

    /// <summary>The last config that was refused, if it is newer than the one in force.</summary>
    public RefusedConfig? Refused { get; init; }
}
