using System.Collections.Immutable;

namespace Mesh.Sidecar.Probes;

// Probes and hooks that the injector turned to the sidecar. What enters: a kubelet's clear-text GET on 15020, which STRICT
// would refuse on the application's own port. What leaves: the original check, made by the sidecar within the pod. What never
// happens here: a check that the pod's author did not write.

/// <summary>A probe or hook as the application's author wrote it, with port numbers; one of the three is set.</summary>
public sealed record AppProbe
{
    public HttpCheck? HttpGet { get; init; }

    public TcpCheck? TcpSocket { get; init; }

    public GrpcCheck? Grpc { get; init; }

    /// <summary>Left out for hooks, which have no limit of their own.</summary>
    public int? TimeoutSeconds { get; init; }

    /// <summary>Kubernetes' httpGet.</summary>
    public sealed record HttpCheck
    {
        public string? Path { get; init; }

        public required int Port { get; init; }

        /// <summary>HTTP or HTTPS; a certificate is not verified, as the kubelet does not.</summary>
        public string? Scheme { get; init; }

        public ImmutableArray<Header>? HttpHeaders { get; init; }
    }

    /// <summary>Kubernetes' tcpSocket.</summary>
    public sealed record TcpCheck
    {
        public required int Port { get; init; }
    }

    /// <summary>Kubernetes' grpc: the standard health service, in clear text.</summary>
    public sealed record GrpcCheck
    {
        public required int Port { get; init; }

        public string? Service { get; init; }
    }

    /// <summary>A header of an httpGet.</summary>
    public sealed record Header
    {
        public required string Name { get; init; }

        public string? Value { get; init; }
    }
}
