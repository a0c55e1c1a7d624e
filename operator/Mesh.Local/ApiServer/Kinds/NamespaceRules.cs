using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Storage;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.Kinds;

/// <summary>A namespace carries its own name as a label and a finalizer in its spec that only its emptying removes.</summary>
internal sealed class NamespaceRules : KindRules
{
    public override void PrepareCreate(JsonObject item)
    {
        item["spec"] = new JsonObject { ["finalizers"] = new JsonArray("kubernetes") };
        item["status"] = new JsonObject { ["phase"] = "Active" };
    }

    public override void PrepareUpdate(JsonObject item, StoredObject before, string subresource)
    {
        if (subresource != "finalize")
            item.CopyFrom(before.Edit(), "spec");
    }

    /// <summary>Those that a cluster cannot be without.</summary>
    public override void GuardDeletion(WriteRequest write, StoredObject before)
    {
        if (before.Name is "default" or "kube-system" or "kube-public")
            throw StatusException.Forbidden(write.Resource, before.Name, "this namespace may not be deleted");
    }

    public override void Terminate(JsonObject item, DateTimeOffset now)
    {
        item.Section("metadata").Remove("deletionGracePeriodSeconds");
        item.Section("status")["phase"] = "Terminating";
    }

    public override void Default(JsonObject item)
    {
        if (item.Text("metadata", "name") is { Length: > 0 } name)
            item.Section("metadata").Section("labels")["kubernetes.io/metadata.name"] = name;
    }
}
