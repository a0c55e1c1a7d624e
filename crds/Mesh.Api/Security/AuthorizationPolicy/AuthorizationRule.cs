using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Security;

/// <summary>Who, what and when: each of those given must hold.</summary>
public sealed record AuthorizationRule
{
    /// <summary>Who calls; one of the entries suffices. Default: anybody.</summary>
    [MinLength(1)]
    [MaxLength(512)]
    public IReadOnlyList<AuthorizationFrom>? From { get; init; }

    /// <summary>What is asked; one of the entries suffices. Default: anything.</summary>
    [MinLength(1)]
    public IReadOnlyList<AuthorizationTo>? To { get; init; }

    /// <summary>Further conditions, all of which must hold.</summary>
    public IReadOnlyList<AuthorizationCondition> When { get; init; } = [];
}
