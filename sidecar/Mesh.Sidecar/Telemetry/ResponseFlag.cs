namespace Mesh.Sidecar.Telemetry;

/// <summary>Why a request was not answered by the endpoint as usual, in Envoy's letters (access log, metric label, tests).</summary>
[Flags]
public enum ResponseFlag
{
    /// <summary>Nothing to say.</summary>
    None = 0,

    /// <summary>No route: 404.</summary>
    NR = 1 << 0,

    /// <summary>Cluster not found: 503.</summary>
    NC = 1 << 1,

    /// <summary>No healthy upstream: 503.</summary>
    UH = 1 << 2,

    /// <summary>Upstream connection failure: 503.</summary>
    UF = 1 << 3,

    /// <summary>Upstream retry limit exceeded: 503.</summary>
    URX = 1 << 4,

    /// <summary>Upstream connection terminated: 503.</summary>
    UC = 1 << 5,

    /// <summary>Upstream remote reset: 503.</summary>
    UR = 1 << 6,

    /// <summary>Local reset: 503.</summary>
    LR = 1 << 7,

    /// <summary>Upstream request timeout: 504.</summary>
    UT = 1 << 8,

    /// <summary>Downstream connection terminated.</summary>
    DC = 1 << 9,

    /// <summary>Downstream protocol error: 400.</summary>
    DPE = 1 << 10,

    /// <summary>Upstream protocol error: 502.</summary>
    UPE = 1 << 11,

    /// <summary>DNS resolution failure: 503.</summary>
    DF = 1 << 12,

    /// <summary>Overflow, a limit of ours was reached: 503.</summary>
    UO = 1 << 13,

    /// <summary>The stream was idle for too long: 408.</summary>
    SI = 1 << 14,

    /// <summary>A fault of the route's: the request was delayed.</summary>
    DI = 1 << 15,

    /// <summary>A fault of the route's: the request was aborted.</summary>
    FI = 1 << 16,
}
