using k8s.Models;

namespace Mesh.Operator.Core.Credentials;

/// <summary>What the API server said when it was asked for one Secret.</summary>
public sealed record SecretView
{
    /// <summary>It has not answered yet.</summary>
    public static readonly SecretView Unread = new();

    /// <summary>There is no such Secret.</summary>
    public static readonly SecretView Absent = new() { IsRead = true };

    /// <summary>The operator may not read it.</summary>
    public static readonly SecretView Forbidden = new() { IsRead = true, IsForbidden = true };

    private SecretView()
    {
    }

    public bool IsRead { get; private init; }

    public bool IsForbidden { get; private init; }

    public V1Secret? Secret { get; private init; }

    public static SecretView Of(V1Secret secret) => new() { IsRead = true, Secret = secret };
}
