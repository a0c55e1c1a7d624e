using System.Reflection;
using System.Text.Json;
using k8s.Models;
using Mesh.Api.Validation;

namespace Mesh.Api;

/// <summary>One kind of the mesh's API: its entity, its rules, and whether Mesh acts on it.</summary>
public abstract class ApiKind
{
    private readonly KubernetesEntityAttribute entity;
    private readonly PropertyInfo status;

    private protected ApiKind(Type entityType)
    {
        EntityType = entityType;
        entity = entityType.GetCustomAttribute<KubernetesEntityAttribute>()!;
        status = entityType.GetProperty("Status")!;
        Versions = entityType.GetCustomAttribute<CustomResourceAttribute>()!.Versions;
    }

    /// <summary>The entity's class.</summary>
    public Type EntityType { get; }

    /// <summary>API group.</summary>
    public string Group => entity.Group;

    /// <summary>Kind.</summary>
    public string Kind => entity.Kind;

    /// <summary>Plural name in URLs.</summary>
    public string Plural => entity.PluralName;

    /// <summary>Served versions, the stored one first.</summary>
    public IReadOnlyList<string> Versions { get; }

    /// <summary>What happens meanwhile, if this version of Mesh does not act on the kind yet; <c>null</c> when it does.</summary>
    public string? NotYet { get; init; }

    /// <summary>Judges a spec as written; findings carry the name of the object.</summary>
    public abstract IReadOnlyList<Finding> Validate(JsonElement spec, ObjectHead head);

    /// <summary>Judges a spec that was read.</summary>
    public abstract IReadOnlyList<Finding> Validate(ISpecFromUser spec, ObjectHead head);

    /// <summary>What a spec asks for that this version of Mesh does not do yet; nothing for a kind that is as a whole not there.</summary>
    public abstract IReadOnlyList<Finding> Unsupported(ISpecFromUser spec, string resource = "");

    /// <summary>The same of a spec as written.</summary>
    public abstract IReadOnlyList<Finding> Unsupported(JsonElement spec, string resource);

    /// <summary>The finding that says so; <c>null</c> for a kind Mesh acts on.</summary>
    public Finding? NotYetFinding(string resource = "") => NotYet is null ? null : new Finding
    {
        Severity = Severity.Warning,
        Code = FindingCodes.KindNotSupportedYet,
        Resource = resource,
        Path = "kind",
        Value = Kind,
        Message = $"This version of Mesh does not act on this kind yet. {NotYet}",
        Remedy = "Do not rely on it; docs/features.md lists what works.",
    };

    /// <summary>An empty status of the kind.</summary>
    public RuleStatus NewStatus() => (RuleStatus)Activator.CreateInstance(status.PropertyType)!;

    /// <summary>The status an entity of the kind carries.</summary>
    public RuleStatus? StatusOf(object held) => (RuleStatus?)status.GetValue(held);

    /// <summary>Calls back with the types of the kind.</summary>
    public abstract TResult Accept<TResult>(IApiKindVisitor<TResult> visitor);
}
