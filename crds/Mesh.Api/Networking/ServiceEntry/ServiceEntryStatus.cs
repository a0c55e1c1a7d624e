namespace Mesh.Api.Networking;

/// <summary>What became of the ServiceEntry.</summary>
public sealed record ServiceEntryStatus : RuleStatus
{
    /// <summary>Addresses given out for its hosts, which keep them as long as the object lives.</summary>
    public IReadOnlyList<ServiceEntryAddress> Addresses { get; init; } = [];

    /// <summary>Its endpoints in short: <c>3</c>, <c>0/2</c> where some are not usable, <c>DNS</c> where names tell.</summary>
    public string? Endpoints { get; init; }
}
