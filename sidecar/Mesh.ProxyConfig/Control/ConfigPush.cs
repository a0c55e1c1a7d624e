namespace Mesh.Config.Control;

/// <summary>Head of a pushed config; its document (manifest and the sections the proxy lacks) is the frame's attachment.</summary>
public sealed record ConfigPush
{
    /// <summary>Pod it is for; a sidecar of another one refuses it.</summary>
    public required string PodUid { get; init; }

    /// <summary>As in <see cref="OperatorHello.Epoch"/>.</summary>
    public required long Epoch { get; init; }
}
