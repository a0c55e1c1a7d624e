namespace Mesh.Api;

/// <summary>One thing that is wrong, or does not act as written: always with the field it is about and what to do.</summary>
public sealed record Finding
{
    /// <summary>How bad it is: an error keeps the object or a part of it from working.</summary>
    public required Severity Severity { get; init; }

    /// <summary>Stable code to search for, one of <see cref="FindingCodes"/>: <c>IST0101</c>, <c>MESH0001</c>.</summary>
    public required string Code { get; init; }

    /// <summary>The object it is about, as <c>KIND/NAMESPACE/NAME</c>; left out in the object's own status.</summary>
    public string Resource { get; init; } = "";

    /// <summary>The field, as one writes it in <c>kubectl explain</c> with list positions: <c>spec.http[2].route[0].weight</c>.</summary>
    public string Path { get; init; } = "";

    /// <summary>The value found there, shortened when long.</summary>
    public string? Value { get; init; }

    /// <summary>What is wrong, in one sentence.</summary>
    public required string Message { get; init; }

    /// <summary>What to do about it, in one sentence.</summary>
    public string Remedy { get; init; } = "";

    /// <summary>One line for a log or a condition: <c>spec.http[0].retries.retryOn "sometimes": message. remedy.</c></summary>
    public override string ToString()
    {
        var value = Value is null ? "" : $" \"{Value}\"";
        var place = Path.Length == 0 ? "" : $"{Path}{value}: ";
        var remedy = Remedy.Length == 0 ? "" : $" {Remedy}";
        return $"{Code} {place}{Message}{remedy}";
    }
}
