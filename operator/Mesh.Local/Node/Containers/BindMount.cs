namespace Mesh.Local.Node.Containers;

/// <summary>A directory or file of the machine that appears at <paramref name="Target"/> in a container.</summary>
internal sealed record BindMount(string Source, string Target, bool ReadOnly);
