namespace Mesh.Sidecar.Config;

/// <summary>What became of a document.</summary>
public enum LoadOutcome
{
    /// <summary>It says what is in force already, or is a file that a push has overtaken.</summary>
    Unchanged,

    /// <summary>It is in force now.</summary>
    Taken,

    /// <summary>It has problems, or is older than what is in force; what was in force stays.</summary>
    Refused,

    /// <summary>A file that may be news; as long as there is a session the operator says so itself.</summary>
    HeldBack,
}
