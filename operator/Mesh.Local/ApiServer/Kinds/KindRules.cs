using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Storage;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.Kinds;

/// <summary>
/// What is special about one built-in kind: its defaults, what it keeps from its former state, what it allocates and what it
/// refuses. A kind without an entry in <see cref="KindRulesTable"/> has these rules, which do nothing.
/// </summary>
internal class KindRules
{
    /// <summary>Whether the kind counts generations.</summary>
    public virtual bool HasGeneration(WriteRequest write) => write.Resource.IsCustom;

    /// <summary>True where whoever makes the object may bring its status along (nodes).</summary>
    public virtual bool KeepsStatusOnCreate => false;

    public virtual void PrepareCreate(JsonObject item)
    {
    }

    public virtual void PrepareUpdate(JsonObject item, StoredObject before, string subresource)
    {
    }

    /// <summary>True where a deletion only begins with the request for it, whatever finalizers there are.</summary>
    public virtual bool Lingers => false;

    /// <summary>What an object shows of its deletion having begun, beside the time.</summary>
    public virtual void Terminate(JsonObject item, DateTimeOffset now)
    {
    }

    /// <summary>What is not wrong but worth telling whoever writes it.</summary>
    public virtual IEnumerable<string> Warnings(JsonObject item) => [];

    public virtual void Default(JsonObject item)
    {
    }

    /// <summary>What Kubernetes' own admission plugins add to a new object, before the webhooks.</summary>
    public virtual void Admit(WriteRequest write, JsonObject item)
    {
    }

    /// <summary>Refuses what this user may not write, though he may write objects of the kind.</summary>
    public virtual void Guard(WriteRequest write, JsonObject item, StoredObject? before)
    {
    }

    /// <summary>Refuses a deletion that nobody may ask for.</summary>
    public virtual void GuardDeletion(WriteRequest write, StoredObject before)
    {
    }

    /// <summary>Takes what must be unique in the cluster; <see cref="Release"/> gives back what was not stored.</summary>
    public virtual void Allocate(JsonObject item, StoredObject? before)
    {
    }

    public virtual void Release(JsonObject item, ObjectStore store)
    {
    }

    /// <summary>The object has a new state; what only the old one held is free.</summary>
    public virtual void Replaced(StoredObject before, StoredObject after)
    {
    }

    public virtual void Removed(StoredObject last)
    {
    }

    /// <summary>The object stood before a restart: what it holds is taken.</summary>
    public virtual void Restored(StoredObject item)
    {
    }

    public virtual void Validate(List<FieldProblem> problems, JsonObject item, StoredObject? before)
    {
    }
}
