using Mesh.Sidecar.Config;
using Mesh.Sidecar.Identity;

namespace Mesh.Sidecar.Control;

/// <summary>What every session works with.</summary>
internal sealed record SessionParts
{
    public required PodIdentity Pod { get; init; }

    public required Sessions Sessions { get; init; }

    public required LeaseEpoch Epoch { get; init; }

    public required ProxyState State { get; init; }

    public required ConfigLoader Loader { get; init; }

    public required TimeProvider Time { get; init; }
}
