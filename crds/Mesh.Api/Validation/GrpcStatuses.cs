namespace Mesh.Api.Validation;

/// <summary>The status codes of gRPC by name.</summary>
public static class GrpcStatuses
{
    private static readonly string[] Names =
    [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
        "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
        "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
    ];

    /// <summary>Whether there is such a status.</summary>
    public static bool IsName(string name) => Names.Contains(name);

    /// <summary>Its number, which is its place in the list; null if there is no such status.</summary>
    public static int? NumberOf(string name) => Array.IndexOf(Names, name) is >= 0 and var number ? number : null;
}
