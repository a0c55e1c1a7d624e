namespace Mesh.Local.Node.Pods;

/// <summary>What a container is to its pod: run once before, run beside from before, or the application itself.</summary>
internal enum ContainerRole
{
    Init,
    Sidecar,
    Main,
}
