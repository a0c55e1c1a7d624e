using System.Globalization;

namespace Mesh.Sidecar.Telemetry;

/// <summary>gRPC's status codes in Envoy's spelling.</summary>
internal static class GrpcStatusNames
{
    private static readonly string[] Names =
    [
        "OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound", "AlreadyExists", "PermissionDenied", "ResourceExhausted",
        "FailedPrecondition", "Aborted", "OutOfRange", "Unimplemented", "Internal", "Unavailable", "DataLoss", "Unauthenticated",
    ];

    /// <summary>The name; of a code that gRPC does not know its number.</summary>
    public static string Of(int status) => status >= 0 && status < Names.Length ? Names[status] : status.ToString(CultureInfo.InvariantCulture);
}
