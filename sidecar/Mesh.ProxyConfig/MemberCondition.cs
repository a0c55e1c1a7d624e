namespace Mesh.Config;

/// <summary>Why a member is left out.</summary>
public enum MemberCondition
{
    /// <summary>Outlier detection ejected it.</summary>
    Ejected,

    /// <summary>Its health check fails.</summary>
    Unhealthy,
}
