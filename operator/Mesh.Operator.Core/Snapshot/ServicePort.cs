using Mesh.Config;

namespace Mesh.Operator.Core.Snapshot;

/// <summary>One TCP port of a Service.</summary>
public sealed record ServicePort
{
    public required int Port { get; init; }

    public string Name { get; init; } = "";

    public AppProtocol Protocol { get; init; }

    /// <summary>Port of the pods; 0 when it is named.</summary>
    public int TargetPort { get; init; }

    /// <summary>Name of the pods' port; empty when it is numbered.</summary>
    public string TargetPortName { get; init; } = "";

    /// <summary>HTTP may be spoken here, so route tables apply.</summary>
    public bool SpeaksHttp => Protocol is AppProtocol.Http or AppProtocol.Http2 or AppProtocol.Auto;
}
