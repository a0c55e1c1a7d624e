namespace Mesh.Operator.Core.Identity;

/// <summary>Whose root should sign.</summary>
public enum RootOwner
{
    /// <summary>The operator's own.</summary>
    Operator,

    /// <summary>The user's, from Secret <c>cacerts</c>.</summary>
    User,

    /// <summary>As it is: what the user gave cannot be read.</summary>
    Unchanged,
}
