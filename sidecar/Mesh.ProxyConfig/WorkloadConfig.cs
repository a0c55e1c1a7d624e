using System.Collections.Immutable;

namespace Mesh.Config;

/// <summary>Who the proxy is: names used in telemetry, in load balancing (locality) and, later, in its certificate.</summary>
public sealed record WorkloadConfig
{
    /// <summary>Namespace of the pod.</summary>
    public required string Namespace { get; init; }

    /// <summary>Name of the pod.</summary>
    public required string Pod { get; init; }

    /// <summary>Service account of the pod; with the trust domain it makes the SPIFFE id.</summary>
    public string ServiceAccount { get; init; } = "default";

    /// <summary>Name of the controller that owns the pod (Deployment rather than ReplicaSet), else the pod's name.</summary>
    public required string Workload { get; init; }

    /// <summary>Label <c>app</c> or <c>app.kubernetes.io/name</c>; <c>unknown</c> without.</summary>
    public string App { get; init; } = "unknown";

    /// <summary>Label <c>version</c> or <c>app.kubernetes.io/version</c>; <c>unknown</c> without.</summary>
    public string Version { get; init; } = "unknown";

    /// <summary>Canonical service (Istio's metric label).</summary>
    public string CanonicalService { get; init; } = "unknown";

    /// <summary>Canonical revision (Istio's metric label).</summary>
    public string CanonicalRevision { get; init; } = "latest";

    /// <summary>Node the pod runs on.</summary>
    public string Node { get; init; } = "";

    /// <summary>Zone of the node; empty when unknown.</summary>
    public string Zone { get; init; } = "";

    /// <summary>Region of the node; empty when unknown.</summary>
    public string Region { get; init; } = "";

    /// <summary>Part of the zone; empty when unknown.</summary>
    public string SubZone { get; init; } = "";

    /// <summary>Labels of the pod, only those that some <see cref="LocalityPolicy.FailoverPriority"/> asks for.</summary>
    public ImmutableSortedDictionary<string, string> Labels { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}
