namespace Mesh.Api.Networking;

/// <summary>An address that was given out for a host.</summary>
public sealed record ServiceEntryAddress
{
    /// <summary>The address.</summary>
    public string? Value { get; init; }

    /// <summary>The host it stands for.</summary>
    public string? Host { get; init; }
}
