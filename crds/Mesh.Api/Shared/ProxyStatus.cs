namespace Mesh.Api;

/// <summary>How far a generation has come on its way to the proxies.</summary>
public sealed record ProxyStatus
{
    /// <summary>Proxies that run and should hold it.</summary>
    public int Targeted { get; init; }

    /// <summary>Proxies that said they hold it.</summary>
    public int Applied { get; init; }

    /// <summary>Pods, as <c>NAMESPACE/NAME</c>, whose proxy does not hold it yet; at most the first five.</summary>
    public IReadOnlyList<string> Pending { get; init; } = [];
}
