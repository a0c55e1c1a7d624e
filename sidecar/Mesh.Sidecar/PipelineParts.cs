using Mesh.Sidecar.Balancing;
using Mesh.Sidecar.Forwarding;
using Mesh.Sidecar.Telemetry;

namespace Mesh.Sidecar;

/// <summary>What the steps of the pipeline need from outside.</summary>
public sealed record PipelineParts
{
    public required ExchangeRecorder Recorder { get; init; }

    public required EndpointPicker Picker { get; init; }

    public required Forwarder Forwarder { get; init; }

    public required MirrorSender Mirrors { get; init; }

    public required Random Random { get; init; }

    public required TimeProvider Time { get; init; }
}
