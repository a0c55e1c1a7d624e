using Mesh.Config.Control;
using Mesh.Sidecar.Identity;

namespace Mesh.Sidecar.Control;

/// <summary>The first message of every stream.</summary>
internal static class Hellos
{
    public static SidecarHello Hello(this PodIdentity pod, long epoch, string? token) => new()
    {
        PodUid = pod.Uid,
        Namespace = pod.Namespace,
        Pod = pod.Name,
        Version = pod.Version,
        Epoch = epoch,
        Token = token,
    };
}
