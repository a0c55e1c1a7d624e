namespace Mesh.Api.MeshWide;

/// <summary>Settings of single services.</summary>
public sealed record ServiceSettings
{
    /// <summary>The settings.</summary>
    public ServiceSetting? Settings { get; init; }

    /// <summary>The services.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];
}
