namespace Mesh.Api.Security;

/// <summary>What is asked: each field that is given must hold, one of its values suffices. Exact, <c>*</c> any, <c>a*</c>, <c>*a</c>.</summary>
public sealed record AuthorizationOperation
{
    /// <summary>Hosts, whatever their case.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Those it must not be.</summary>
    public IReadOnlyList<string> NotHosts { get; init; } = [];

    /// <summary>Ports, as texts.</summary>
    public IReadOnlyList<string> Ports { get; init; } = [];

    /// <summary>Those it must not be.</summary>
    public IReadOnlyList<string> NotPorts { get; init; } = [];

    /// <summary>Methods.</summary>
    public IReadOnlyList<string> Methods { get; init; } = [];

    /// <summary>Those it must not be.</summary>
    public IReadOnlyList<string> NotMethods { get; init; } = [];

    /// <summary>Paths; <c>{*}</c> stands for one segment, <c>{**}</c> for any number of them.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Those it must not be.</summary>
    public IReadOnlyList<string> NotPaths { get; init; } = [];
}
