using System.Collections.Immutable;
using Mesh.Api.Networking;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>The HealthChecks that may be about one service for one scope, the one that counts first.</summary>
internal sealed record HealthPolicy
{
    public static readonly HealthPolicy None = new() { Entries = [] };

    public required ImmutableArray<HealthEntry> Entries { get; init; }

    /// <summary>The one in force for a cluster of the service.</summary>
    public HealthEntry? For(Service service, Subset? subset)
    {
        foreach (var entry in Entries)
            if (entry.Covers(service, subset?.Labels ?? NoLabels)) return entry;
        return null;
    }

    private static readonly Dictionary<string, string> NoLabels = [];
}
