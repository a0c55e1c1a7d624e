namespace Mesh.Local.Node.Volumes;

/// <summary>A volume that cannot be made now; the pod waits and its Event (FailedMount) says why.</summary>
internal sealed class VolumeException(string message) : Exception(message);
