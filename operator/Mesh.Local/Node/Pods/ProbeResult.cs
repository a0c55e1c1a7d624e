namespace Mesh.Local.Node.Pods;

/// <summary>One answer to a probe.</summary>
internal sealed record ProbeResult(bool Ok, string Message);
