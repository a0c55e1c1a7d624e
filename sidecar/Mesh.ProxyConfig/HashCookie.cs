using System.Collections.Immutable;

namespace Mesh.Config;

/// <summary>A cookie that keeps a client with one member.</summary>
public sealed record HashCookie
{
    /// <summary>Name of the cookie.</summary>
    public required string Name { get; init; }

    /// <summary>Path that a cookie made here is given; <c>null</c>: none.</summary>
    public string? Path { get; init; }

    /// <summary>A client without the cookie is given one that lives this long, zero for as long as its session; <c>null</c>: none is made.</summary>
    public TimeSpan? Ttl { get; init; }

    /// <summary>Attributes that a cookie made here is given, in order, as <c>NAME</c> or <c>NAME=VALUE</c>.</summary>
    public ImmutableArray<string> Attributes { get; init; } = [];
}
