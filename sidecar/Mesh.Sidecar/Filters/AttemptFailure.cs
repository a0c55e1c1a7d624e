namespace Mesh.Sidecar.Filters;

/// <summary>Why a try brought no response.</summary>
public enum AttemptFailure
{
    /// <summary>It brought one.</summary>
    None,

    /// <summary>No connection to the endpoint.</summary>
    ConnectFailure,

    /// <summary>HTTP/2 REFUSED_STREAM: the endpoint did not look at the request.</summary>
    RefusedStream,

    /// <summary>The connection ended before anything of the request was sent.</summary>
    ResetBeforeRequest,

    /// <summary>The connection ended, or the stream was reset, without a response.</summary>
    Reset,

    /// <summary>No response headers within the time of one try.</summary>
    PerTryTimeout,
}
