namespace Mesh.Api.Telemetry;

/// <summary>Which requests are logged.</summary>
public sealed record AccessLoggingFilter
{
    /// <summary>An expression in CEL: <c>response.code &gt;= 400</c>.</summary>
    public string? Expression { get; init; }
}
