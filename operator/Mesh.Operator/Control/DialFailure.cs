namespace Mesh.Operator.Control;

/// <summary>How far a connection to a sidecar came.</summary>
internal enum DialFailure
{
    /// <summary>No answer to the connection attempt: what a policy that drops does.</summary>
    NoAnswer,

    /// <summary>Refused: nothing listens (yet), or a policy that rejects.</summary>
    Refused,

    /// <summary>Connected, and the handshake failed.</summary>
    Handshake,

    /// <summary>The sidecar's certificate is not (or no longer) the one of its pod: it needs one.</summary>
    NotIdentified,

    /// <summary>The handshake went well, and what followed did not.</summary>
    Protocol,
}
