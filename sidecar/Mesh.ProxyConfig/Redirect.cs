using System.Text.Json.Serialization;

namespace Mesh.Config;

/// <summary>The client is sent elsewhere; what is not given stays as it asked.</summary>
public sealed record Redirect
{
    /// <summary>Status: 301, 302, 303, 307 or 308. Default 301.</summary>
    public int Status { get; init; } = 301;

    /// <summary>Scheme; the port follows it unless given.</summary>
    public string? Scheme { get; init; }

    /// <summary>Host.</summary>
    public string? Authority { get; init; }

    /// <summary>Port; left out of the location where it is the scheme's own.</summary>
    public int? Port { get; init; }

    /// <summary>The port is the one the request came to.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool RequestPort { get; init; }

    /// <summary>In place of the matched <see cref="Prefix"/>, or of the whole path where that is empty; the query stays.</summary>
    public string? Path { get; init; }

    /// <summary>The prefix that the match asked for, where only that is replaced; else empty.</summary>
    public string Prefix { get; init; } = "";
}
