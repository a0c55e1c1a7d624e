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

    /// <summary>False where status is written through the object itself.</summary>
    public virtual bool StatusIsSeparate => true;

    public virtual void PrepareCreate(JsonObject item)
    {
    }

    public virtual void PrepareUpdate(JsonObject item, StoredObject before, string subresource)
    {
    }

    public virtual void Default(JsonObject item)
    {
    }

    /// <summary>Takes what must be unique in the cluster; <see cref="Release"/> gives back what was not stored.</summary>
    public virtual void Allocate(JsonObject item, StoredObject? before)
    {
    }

    public virtual void Release(JsonObject item, ObjectStore store)
    {
    }

    public virtual void Removed(StoredObject last)
    {
    }

    public virtual void Validate(List<FieldProblem> problems, JsonObject item, StoredObject? before)
    {
    }
}
