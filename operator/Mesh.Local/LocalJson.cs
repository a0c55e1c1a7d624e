using System.Text.Json.Serialization;
using Mesh.Local.Faults;
using Mesh.Local.Node;

namespace Mesh.Local;

/// <summary>The state files' JSON, generated: `mesh exec` reads two of them, `mesh fault` speaks the others, and reflection would cost it more than all else.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(MeshRecord))]
[JsonSerializable(typeof(KeptMesh))]
[JsonSerializable(typeof(RunningContainer))]
[JsonSerializable(typeof(Fault))]
[JsonSerializable(typeof(FaultAnswer))]
[JsonSerializable(typeof(FaultState))]
internal sealed partial class LocalJson : JsonSerializerContext;
