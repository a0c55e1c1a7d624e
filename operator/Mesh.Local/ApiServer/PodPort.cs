namespace Mesh.Local.ApiServer;

/// <summary>A port of a pod, as `kubectl port-forward` names it.</summary>
public sealed record PodPort(string Namespace, string Pod, string PodUid, int Port);
