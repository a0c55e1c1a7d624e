using System.Text.Json.Serialization;

namespace Mesh.Config;

/// <summary>
/// What of a request stands for "the same client again": exactly one of the members is given. A request without it (no such
/// header, no such cookie) is treated as if there were no key, unless <see cref="Cookie"/> has it made.
/// </summary>
public sealed record HashKey
{
    /// <summary>The value of this header (lower-case name).</summary>
    public string? Header { get; init; }

    /// <summary>The value of this cookie.</summary>
    public HashCookie? Cookie { get; init; }

    /// <summary>The address of the client.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool SourceAddress { get; init; }

    /// <summary>The value of this query parameter.</summary>
    public string? QueryParameter { get; init; }
}
