using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Mesh.Config;

/// <summary>Each member of a pool is asked at intervals whether it is well; one that is not is left out of balancing.</summary>
public sealed record HealthCheck
{
    /// <summary>The object it comes from: <c>HealthCheck/NAMESPACE/NAME</c>.</summary>
    public string Origin { get; init; } = "";

    /// <summary>What is asked.</summary>
    public required HealthProbe Probe { get; init; }

    /// <summary>Port that is asked; 0: the member's own.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Port { get; init; }

    /// <summary>Time between two questions. Default 10 s.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Each interval is lengthened by a random share of this many percent, so that proxies do not ask in step. Default 10.</summary>
    public int JitterPercent { get; init; } = 10;

    /// <summary>Time for one answer. Default 1 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Failures in a row that make a member unhealthy. Default 3.</summary>
    public int UnhealthyThreshold { get; init; } = 3;

    /// <summary>Successes in a row that make it healthy again. Default 2.</summary>
    public int HealthyThreshold { get; init; } = 2;

    /// <summary>A member that was not asked yet counts as healthy. Default true; the first answer decides at once either way.</summary>
    public bool InitiallyHealthy { get; init; } = true;

    /// <summary>Path of an HTTP question. Default <c>/</c>.</summary>
    public string Path { get; init; } = "/";

    /// <summary>Method of an HTTP question. Default GET.</summary>
    public string Method { get; init; } = "GET";

    /// <summary>Host header of an HTTP question; <c>null</c>: the cluster's host.</summary>
    public string? Host { get; init; }

    /// <summary>Further headers of an HTTP question.</summary>
    public ImmutableArray<HeaderValue> Headers { get; init; } = [];

    /// <summary>Statuses that mean well. Default 200 to 299.</summary>
    public ImmutableArray<StatusRange> ExpectedStatuses { get; init; } = [new(200, 299)];

    /// <summary>Service asked for in a gRPC question; empty: the server as a whole.</summary>
    public string Service { get; init; } = "";
}
