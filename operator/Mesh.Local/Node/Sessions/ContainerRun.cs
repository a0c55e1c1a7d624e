using Mesh.Local.Node.Containers;
using Mesh.Local.Node.Linux;

namespace Mesh.Local.Node.Sessions;

/// <summary>
/// Sessions lets people into running containers: what enters is one run of a container (its process, its specification, its
/// output) and what is wanted of it; what leaves are a session's streams. It starts and ends its own commands only: when a
/// container starts or ends is its runner's business.
/// </summary>
internal sealed record ContainerRun(ChildProcess Process, ContainerSpec Spec, ContainerOutput Output);
