using System.Collections.Immutable;

namespace Mesh.Local.Node.Containers;

/// <summary>What stands for an image.</summary>
/// <param name="Image">An image that is here.</param>
/// <param name="Arguments">Its arguments, unless the container gives some.</param>
internal sealed record StandIn(string Image, ImmutableArray<string> Arguments);
