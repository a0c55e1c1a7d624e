namespace Mesh.Local.Node;

/// <summary>What a node is called and where it says it stands.</summary>
internal sealed record NodeIdentity(string Name, string Zone)
{
    public const string Region = "local";

    /// <summary>node-1, node-2, ... in zones local-a, local-b, ... in turn.</summary>
    public static NodeIdentity Of(int index, int zones) => new($"node-{index + 1}", $"local-{(char)('a' + (index % zones))}");
}
