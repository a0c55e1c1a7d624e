using System.Text.Json.Nodes;

namespace Mesh.Local;

/// <summary>One object to be in the API, and where it was written.</summary>
public sealed record Manifest(string ApiVersion, string Kind, string? Namespace, string Name, JsonObject Content, string Source)
{
    public override string ToString() => $"{Kind.ToLowerInvariant()}/{Name}";
}
