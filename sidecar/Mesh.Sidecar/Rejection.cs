using System.Collections.Immutable;
using Mesh.Config;
using Mesh.Sidecar.Telemetry;

namespace Mesh.Sidecar;

/// <summary>An answer the sidecar gives itself.</summary>
/// <param name="Status">Status code.</param>
/// <param name="Flag">Why, in letters.</param>
/// <param name="Message">Why, in one sentence: response body and log.</param>
public sealed record Rejection(int Status, ResponseFlag Flag, string Message)
{
    /// <summary>Body in place of the message.</summary>
    public ImmutableArray<byte>? Body { get; init; }

    /// <summary>Headers of the answer.</summary>
    public ImmutableArray<HeaderValue> Headers { get; init; } = [];

    /// <summary>What a gRPC client reads; <c>null</c>: what the status means to one.</summary>
    public int? GrpcStatus { get; init; }

    /// <summary>Who decided, in the access log's words; empty: as the flags say.</summary>
    public string Details { get; init; } = "";

    /// <summary>No rule changes its headers: they are the answer.</summary>
    public bool IsComplete { get; init; }
}
