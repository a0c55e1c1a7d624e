using Mesh.Sidecar.Telemetry;

namespace Mesh.Sidecar;

/// <summary>An answer the sidecar gives itself.</summary>
/// <param name="Status">Status code.</param>
/// <param name="Flag">Why, in letters.</param>
/// <param name="Message">Why, in one sentence: response body and log.</param>
public sealed record Rejection(int Status, ResponseFlag Flag, string Message);
