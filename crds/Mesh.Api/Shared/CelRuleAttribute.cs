namespace Mesh.Api;

/// <summary>A rule the API server itself checks, in CEL (<c>self</c> is the object or value), with what it says when broken.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Property, AllowMultiple = true)]
public sealed class CelRuleAttribute(string rule, string message) : Attribute
{
    /// <summary>The expression that must hold.</summary>
    public string Rule { get; } = rule;

    /// <summary>What is told when it does not.</summary>
    public string Message { get; } = message;
}
