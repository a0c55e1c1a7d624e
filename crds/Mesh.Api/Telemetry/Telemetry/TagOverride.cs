using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Telemetry;

/// <summary>A label that differs.</summary>
[CelRule("!has(self.operation) || self.operation != 'UPSERT' || has(self.value)", "value must be set when operation is UPSERT")]
[CelRule("!has(self.operation) || self.operation != 'REMOVE' || !has(self.value)", "value must not be set when operation is REMOVE")]
public sealed record TagOverride
{
    /// <summary><c>UPSERT</c> (default) sets it, <c>REMOVE</c> leaves it out.</summary>
    [AllowedValues("UPSERT", "REMOVE")]
    public string? Operation { get; init; }

    /// <summary>Its value, an expression in CEL.</summary>
    public string? Value { get; init; }
}
