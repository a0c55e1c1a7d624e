namespace Mesh.Local.Node.Pods;

/// <summary>What a run of a container came to: its code, the reason Kubernetes has for it, and its last words.</summary>
internal sealed record ContainerEnding(int Code, string Reason, string? Message);
