namespace Mesh.Operator.Core.Snapshot;

/// <summary>How a Service's name leads to endpoints.</summary>
public enum ServiceKind
{
    /// <summary>By a cluster address that stands for all members.</summary>
    ClusterIP,

    /// <summary>DNS answers with the members themselves.</summary>
    Headless,

    /// <summary>DNS answers with another name.</summary>
    ExternalName,
}
