namespace Mesh.Benchmarks.Api;

/// <summary>Everything one run of the API bench found.</summary>
public sealed record ApiResult
{
    public required long EmptyBytes { get; init; }

    public required long HeldBytes { get; init; }

    public required long LoadedBytes { get; init; }

    public required long MostBytes { get; init; }

    public required IReadOnlyList<ApiRow> Rows { get; init; }

    public required IReadOnlyList<ListResult> Lists { get; init; }

    public required ManyResult? Many { get; init; }

    /// <summary>Raw puts of etcd on this machine, when it is installed.</summary>
    public required WriteResult? Etcd { get; init; }
}
