namespace Mesh.Api.Networking;

/// <summary>What became of the VirtualService.</summary>
public sealed record VirtualServiceStatus : RuleStatus
{
    /// <summary>Each host, resolved, and which VirtualService its requests follow.</summary>
    public IReadOnlyList<HostStatus> Hosts { get; init; } = [];

    /// <summary>Of a delegate (one without hosts): the VirtualServices that leave requests to it, as <c>NAMESPACE/NAME</c>.</summary>
    public IReadOnlyList<string> UsedBy { get; init; } = [];
}
