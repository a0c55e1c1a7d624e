using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Mesh.Config.Formats;

/// <summary>JSON of no type of ours.</summary>
[JsonSerializable(typeof(JsonNode))]
internal sealed partial class NodeJson : JsonSerializerContext;
