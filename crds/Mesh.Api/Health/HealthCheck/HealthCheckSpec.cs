using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Mesh.Api.Health;

/// <summary>Whom to ask, what to ask, and what the answers mean.</summary>
[AtMostOneOf(nameof(Host), nameof(Selector))]
[AtMostOneOf(nameof(Http), nameof(Tcp), nameof(Grpc))]
[CelRule("has(self.host) || has(self.selector)", "one of host and selector must be given")]
[CelRule("has(self.http) || has(self.tcp) || has(self.grpc)", "one of http, tcp and grpc must be given")]
public sealed record HealthCheckSpec : ISpecFromUser
{
    /// <summary>
    /// The host whose members are asked: a service by its short name (completed with the namespace of this object), a
    /// full name, or a host of a ServiceEntry. Either this or <c>selector</c>.
    /// </summary>
    public string? Host { get; init; }

    /// <summary>
    /// The members asked, by labels of pods in this object's namespace: those of every Service, and of every subset, that
    /// selects by these labels (others may be added). A pool that also holds other pods is not asked. Either this or
    /// <c>host</c>.
    /// </summary>
    public WorkloadSelector? Selector { get; init; }

    /// <summary>Port that is asked on each member. Default: the port its traffic goes to.</summary>
    [Port]
    public int? Port { get; init; }

    /// <summary>Asks with an HTTP request. One of <c>http</c>, <c>tcp</c> and <c>grpc</c> is given.</summary>
    public HttpHealthCheck? Http { get; init; }

    /// <summary>Asks by opening a connection: <c>tcp: {}</c>.</summary>
    public TcpHealthCheck? Tcp { get; init; }

    /// <summary>Asks the standard gRPC health service.</summary>
    public GrpcHealthCheck? Grpc { get; init; }

    /// <summary>Time between two questions to one member. Default <c>10s</c>.</summary>
    [AtLeast("1ms")]
    public Duration? Interval { get; init; }

    /// <summary>Each interval is lengthened by a random share of up to this many percent, so that sidecars do not ask in step. Default 10.</summary>
    [Range(0, 100)]
    public int? IntervalJitterPercent { get; init; }

    /// <summary>Time for one answer; a later one counts as failed. Default <c>1s</c>.</summary>
    [AtLeast("1ms")]
    public Duration? Timeout { get; init; }

    /// <summary>Good answers in a row after which an unhealthy member is used again. Default 2.</summary>
    [Range(1, int.MaxValue)]
    public int? HealthyThreshold { get; init; }

    /// <summary>Failed answers in a row after which a member is no longer used. Default 3.</summary>
    [Range(1, int.MaxValue)]
    public int? UnhealthyThreshold { get; init; }

    /// <summary>What a member counts as until its first answer, which decides at once. Default <c>HEALTHY</c>.</summary>
    [AllowedValues("HEALTHY", "UNHEALTHY")]
    public string? InitialState { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public string? Unreadable { get; init; }
}
