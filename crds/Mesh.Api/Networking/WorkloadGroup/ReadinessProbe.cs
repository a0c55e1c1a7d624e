using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>A question that is asked at intervals.</summary>
[AtMostOneOf(nameof(HttpGet), nameof(TcpSocket), nameof(Exec), nameof(Grpc))]
public sealed record ReadinessProbe
{
    /// <summary>Seconds until the first one. Default 0.</summary>
    [Range(0, int.MaxValue)]
    public int? InitialDelaySeconds { get; init; }

    /// <summary>Seconds for an answer. Default 1.</summary>
    [Range(0, int.MaxValue)]
    public int? TimeoutSeconds { get; init; }

    /// <summary>Seconds between two. Default 10.</summary>
    [Range(0, int.MaxValue)]
    public int? PeriodSeconds { get; init; }

    /// <summary>Good answers in a row that make it ready. Default 1.</summary>
    [Range(0, int.MaxValue)]
    public int? SuccessThreshold { get; init; }

    /// <summary>Bad answers in a row that make it unready. Default 3.</summary>
    [Range(0, int.MaxValue)]
    public int? FailureThreshold { get; init; }

    /// <summary>Asks with an HTTP request.</summary>
    public HttpGetProbe? HttpGet { get; init; }

    /// <summary>Asks by opening a connection.</summary>
    public TcpSocketProbe? TcpSocket { get; init; }

    /// <summary>Asks by running a command.</summary>
    public ExecProbe? Exec { get; init; }

    /// <summary>Asks the standard gRPC health service.</summary>
    public GrpcProbe? Grpc { get; init; }
}
