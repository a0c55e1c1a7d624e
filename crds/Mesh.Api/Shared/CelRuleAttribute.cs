namespace Mesh.Api;

/// <summary>A rule the API server checks before it stores an object, in CEL; <c>self</c> is the value it stands on.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Property, AllowMultiple = true)]
public sealed class CelRuleAttribute(string rule, string message) : Attribute
{
    /// <summary>The expression that must hold.</summary>
    public string Rule { get; } = rule;

    /// <summary>What the user is told when it does not.</summary>
    public string Message { get; } = message;
}
