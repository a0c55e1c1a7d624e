namespace Mesh.Sidecar.Config;

/// <summary>What became of a document.</summary>
public enum LoadOutcome
{
    /// <summary>It says what is in force already.</summary>
    Unchanged,

    /// <summary>It is in force now.</summary>
    Taken,

    /// <summary>It has problems, or is older than what is in force; what was in force stays.</summary>
    Refused,
}
