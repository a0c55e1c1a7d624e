using System.Text.Json.Serialization;

namespace Mesh.Operator.Core.Injection;

/// <summary>A probe or life cycle hook as the application's author wrote it, named ports resolved; one of the three is set.</summary>
internal sealed record AppProbe
{
    [JsonPropertyName("httpGet")]
    public Http? HttpGet { get; init; }

    [JsonPropertyName("tcpSocket")]
    public Tcp? TcpSocket { get; init; }

    [JsonPropertyName("grpc")]
    public GrpcHealth? Grpc { get; init; }

    /// <summary>Null for hooks, which Kubernetes gives no limit of their own.</summary>
    [JsonPropertyName("timeoutSeconds")]
    public int? TimeoutSeconds { get; init; }

    [JsonIgnore]
    public bool IsWhole => HttpGet is not null || TcpSocket is not null || Grpc is not null;

    internal sealed record Http
    {
        [JsonPropertyName("path")]
        public string Path { get; init; } = "/";

        [JsonPropertyName("port")]
        public required int Port { get; init; }

        [JsonPropertyName("scheme")]
        public string Scheme { get; init; } = "HTTP";

        [JsonPropertyName("httpHeaders")]
        public Header[]? HttpHeaders { get; init; }
    }

    internal sealed record Tcp
    {
        [JsonPropertyName("port")]
        public required int Port { get; init; }
    }

    internal sealed record GrpcHealth
    {
        [JsonPropertyName("port")]
        public required int Port { get; init; }

        [JsonPropertyName("service")]
        public string? Service { get; init; }
    }

    internal sealed record Header
    {
        [JsonPropertyName("name")]
        public required string Name { get; init; }

        [JsonPropertyName("value")]
        public string Value { get; init; } = "";
    }
}
