namespace Mesh.Local.ApiServer;

/// <summary>Opens a container's log; null when the container has none (not started yet, or unknown on its node).</summary>
public delegate ValueTask<Stream?> PodLogSource(PodLogRequest request, CancellationToken cancellation);
