namespace Mesh.Api.Health;

/// <summary>What became of the HealthCheck, and which members it found unwell.</summary>
public sealed record HealthCheckStatus : RuleStatus
{
    /// <summary>Most entries of <see cref="UnhealthyMembers"/>.</summary>
    public const int MostUnhealthyMembers = 20;

    /// <summary>Members that at least one sidecar holds unhealthy, of those asked: <c>1/6</c>.</summary>
    public string? Unhealthy { get; init; }

    /// <summary>
    /// Those members by address, each with what its last answer was, at most twenty:
    /// <c>10.0.0.7:9080 (default/reviews-v2): status 503, seen by 3 proxies</c>.
    /// </summary>
    public IReadOnlyList<string> UnhealthyMembers { get; init; } = [];
}
