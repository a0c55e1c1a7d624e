namespace Mesh.Operator.Runtime;

/// <summary>What the class it stands on must be allowed to do with these kinds; the RBAC manifest is made from all of them.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class EntityRbacAttribute(params Type[] entities) : Attribute
{
    public IReadOnlyList<Type> Entities { get; } = entities;

    public RbacVerb Verbs { get; init; }

    /// <summary>Only in the operator's own namespace (a Role instead of the ClusterRole).</summary>
    public bool OwnNamespace { get; init; }

    /// <summary>Only the objects of these names; empty for all. Creating cannot be confined to names, so that right is given apart.</summary>
    public string[] Names { get; init; } = [];

    /// <summary>Subresource, for example <c>status</c>; empty for the object itself.</summary>
    public string Subresource { get; init; } = "";
}
