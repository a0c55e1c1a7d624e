namespace Mesh.Api.Networking;

/// <summary>What became of the Sidecar.</summary>
public sealed record SidecarStatus : RuleStatus
{
    /// <summary>Whom it is for: <c>mesh</c>, <c>namespace</c> or <c>3 pods</c>.</summary>
    public string? Scope { get; init; }
}
