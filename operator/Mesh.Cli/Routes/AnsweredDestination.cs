namespace Mesh.Cli.Routes;

/// <summary>A cluster and its share.</summary>
/// <param name="Cluster"><c>outbound|PORT|SUBSET|FQDN</c>.</param>
/// <param name="Weight">Share relative to the others.</param>
internal sealed record AnsweredDestination(string Cluster, int Weight)
{
    /// <summary>What is answered because it does not exist; null if it does.</summary>
    public int? Status { get; init; }

    /// <summary>Why it does not.</summary>
    public string? Message { get; init; }

    public AnsweredHeaders? Headers { get; init; }
}
