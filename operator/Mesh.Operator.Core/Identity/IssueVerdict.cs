using Mesh.Config.Identity;

namespace Mesh.Operator.Core.Identity;

/// <summary>Who the certificate is for, or why there is none.</summary>
public sealed record IssueVerdict
{
    /// <summary>Null when it is refused.</summary>
    public SpiffeId? Id { get; init; }

    /// <summary>One of <see cref="IssueReason"/>; empty when it is granted.</summary>
    public string Refusal { get; init; } = "";

    /// <summary>For people.</summary>
    public string Message { get; init; } = "";

    internal static IssueVerdict No(string reason, string message) => new() { Refusal = reason, Message = message };
}
