using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Storage;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.Admission;

/// <summary>A write on its way through admission: CREATE, UPDATE or DELETE (which has no new object), or a CONNECT to a pod.</summary>
internal sealed record AdmissionCall(WriteRequest Write, string Operation, JsonObject? Object, StoredObject? Old)
{
    /// <summary>How something is to be deleted.</summary>
    public DeleteRequest? Delete { get; init; }

    /// <summary>Of the object, which a request that creates it does not have in its path.</summary>
    public string Name => Write.Name.Length > 0 ? Write.Name : Object.Text("metadata", "name") ?? "";

    public bool IsDryRun => Write.DryRun || Delete is { DryRun: true };
}
