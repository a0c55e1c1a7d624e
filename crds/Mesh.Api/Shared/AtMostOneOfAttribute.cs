namespace Mesh.Api;

/// <summary>Of the named properties at most one may be given. Becomes a CEL rule of the CRD and a check of the schema reader.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class AtMostOneOfAttribute(params string[] properties) : Attribute
{
    /// <summary>Names of the C# properties.</summary>
    public IReadOnlyList<string> Properties { get; } = properties;
}
