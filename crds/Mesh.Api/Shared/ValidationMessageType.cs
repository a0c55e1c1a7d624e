namespace Mesh.Api;

/// <summary>Name and code of a message of Istio's analysis.</summary>
public sealed record ValidationMessageType
{
    /// <summary>Name: <c>ReferencedResourceNotFound</c>.</summary>
    public string? Name { get; init; }

    /// <summary>Code: <c>IST0101</c>.</summary>
    public string? Code { get; init; }
}
