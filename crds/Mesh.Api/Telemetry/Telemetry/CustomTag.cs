namespace Mesh.Api.Telemetry;

/// <summary>Where the value of a tag comes from.</summary>
[AtMostOneOf(nameof(Literal), nameof(Environment), nameof(Header), nameof(Formatter))]
public sealed record CustomTag
{
    /// <summary>A fixed value.</summary>
    public LiteralTag? Literal { get; init; }

    /// <summary>An environment variable of the sidecar.</summary>
    public NamedTag? Environment { get; init; }

    /// <summary>A header of the request.</summary>
    public NamedTag? Header { get; init; }

    /// <summary>A format as in access logs.</summary>
    public FormatterTag? Formatter { get; init; }
}
