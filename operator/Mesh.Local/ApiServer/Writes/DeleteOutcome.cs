using Mesh.Local.ApiServer.Storage;

namespace Mesh.Local.ApiServer.Writes;

/// <summary>The last state of the object, and whether it is gone or only on its way.</summary>
internal sealed record DeleteOutcome(StoredObject Object, bool Gone);
