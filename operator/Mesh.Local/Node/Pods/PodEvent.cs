using k8s.Models;

namespace Mesh.Local.Node.Pods;

/// <summary>An Event on a pod; <paramref name="Container"/> names the part it is about, or is null.</summary>
internal sealed record PodEvent(V1Pod Pod, V1Container? Container, bool Warning, string Reason, string Message);
