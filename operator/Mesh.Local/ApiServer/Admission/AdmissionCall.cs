using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Storage;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.Admission;

/// <summary>A write on its way through admission: CREATE, UPDATE or DELETE (which has no new object), or a CONNECT to a pod.</summary>
internal sealed record AdmissionCall(WriteRequest Write, string Operation, JsonObject? Object, StoredObject? Old)
{
    /// <summary>How something is to be deleted.</summary>
    public DeleteRequest? Delete { get; init; }

    public bool IsDryRun => Write.DryRun || Delete is { DryRun: true };
}
