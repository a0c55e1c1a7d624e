namespace Mesh.Api.Security;

/// <summary>What became of the PeerAuthentication, and who would be refused if it were STRICT.</summary>
public sealed record PeerAuthenticationStatus : RuleStatus
{
    /// <summary>Most entries of <see cref="ClearTextClients"/>.</summary>
    public const int MostClearTextClients = 20;

    /// <summary>Whom it is for: <c>mesh</c>, <c>namespace</c>, or the pods it selects as <c>3 pods</c>.</summary>
    public string? Scope { get; init; }

    /// <summary>
    /// Who reached its pods in clear text within the last hour, those seen last first, at most twenty:
    /// <c>default/legacy -> default/reviews-v1 :9080 (12 connections, last 10:41Z)</c>.
    /// </summary>
    public IReadOnlyList<string> ClearTextClients { get; init; } = [];
}
