namespace Mesh.Operator.Core.Injection;

/// <summary>What the injector puts into every pod.</summary>
public sealed record InjectionSettings
{
    public string InitImage { get; init; } = "mesh/init";

    public string SidecarImage { get; init; } = "mesh/sidecar";

    /// <summary>Null leaves it to Kubernetes (Always for <c>:latest</c>, else IfNotPresent).</summary>
    public string? ImagePullPolicy { get; init; }

    /// <summary>DNS queries are captured where a pod does not say otherwise.</summary>
    public bool DnsCapture { get; init; } = true;

    public string LogLevel { get; init; } = "info";
}
