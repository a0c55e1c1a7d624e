using System.Text.Json;

namespace Mesh.Local.ApiServer.Certificates;

/// <summary>The claims of a good token; of a bad one what is wrong with it, and nothing at all of what is no token of ours.</summary>
internal sealed record TokenReading(JsonElement? Claims, string? Problem);
