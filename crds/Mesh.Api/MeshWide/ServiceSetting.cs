namespace Mesh.Api.MeshWide;

/// <summary>Settings of a service.</summary>
public sealed record ServiceSetting
{
    /// <summary>Whether only members of the caller's cluster are used.</summary>
    public bool? ClusterLocal { get; init; }
}
