namespace Mesh.Benchmarks.Scale;

/// <summary>How large, and how often.</summary>
/// <param name="Services">Services.</param>
/// <param name="Members">Pods behind each.</param>
/// <param name="Rounds">Changes of the route, and as many of an endpoint.</param>
/// <param name="Restarts">Pods made anew.</param>
public sealed record ScaleSize(int Services, int Members, int Rounds, int Restarts)
{
    /// <summary>The size that is aimed at.</summary>
    public static readonly ScaleSize Whole = new(1000, 5, 20, 100);

    /// <summary>To see in a minute that it works.</summary>
    public static readonly ScaleSize Small = new(50, 5, 5, 20);

    public int Pods => Services * Members;
}
