using System.Net;

namespace Mesh.Sidecar.Connections;

/// <summary>No connection to an endpoint; nothing of the request was sent, so another try is safe.</summary>
public sealed class ConnectFailedException(EndPoint endPoint, string reason, Exception? inner)
    : IOException($"No connection to {endPoint}: {reason}.", inner)
{
    /// <summary>Why, in the words of the access log.</summary>
    public string Reason { get; } = reason;
}
