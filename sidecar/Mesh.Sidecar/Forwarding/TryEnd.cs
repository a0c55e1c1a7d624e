namespace Mesh.Sidecar.Forwarding;

/// <summary>How one try ended.</summary>
public enum TryEnd
{
    /// <summary>A response arrived and was given to the client, whatever its status.</summary>
    Answered,

    /// <summary>A response arrived that may be worth another try; nothing of it was given to the client.</summary>
    HeldBack,

    /// <summary>No connection to the endpoint; nothing of the request was sent.</summary>
    ConnectFailed,

    /// <summary>HTTP/2 REFUSED_STREAM: the endpoint did not look at the request.</summary>
    RefusedStream,

    /// <summary>The endpoint closed or reset before it answered.</summary>
    Reset,

    /// <summary>The endpoint closed the connection before anything of the request was sent.</summary>
    ResetBeforeRequest,

    /// <summary>What the endpoint sent is not a response.</summary>
    BadResponse,

    /// <summary>The try took too long; the request as a whole still has time.</summary>
    TryTimedOut,

    /// <summary>The request took too long.</summary>
    TimedOut,

    /// <summary>The client went away.</summary>
    ClientGone,

    /// <summary>What the client sent is not a request.</summary>
    BadRequest,

    /// <summary>A limit of ours on the cluster was reached; nothing was sent.</summary>
    Overflow,
}
