using System.Collections.Immutable;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>A rule of a VirtualService that leaves its requests to another one.</summary>
internal sealed record Delegation
{
    public required VirtualServiceEntry Root { get; init; }

    /// <summary>Place of the rule in <see cref="Root"/>.</summary>
    public required int Index { get; init; }

    /// <summary>The VirtualService named.</summary>
    public required ObjectKey Target { get; init; }

    /// <summary>Why nothing comes of it; null if something does.</summary>
    public string? Problem { get; init; }

    public ImmutableArray<HttpRule> Rules { get; init; } = [];

    public ImmutableArray<DroppedRule> Dropped { get; init; } = [];

    public static Delegation Of(VirtualServiceEntry root, int index, ObjectKey key, VirtualServiceEntry? target)
    {
        var delegation = new Delegation { Root = root, Index = index, Target = key };
        if (ProblemOf(root, key, target) is { } problem) return delegation with { Problem = problem };
        var merged = DelegateMerge.Of(root, root.Rule.Spec.Http[index], target!);
        return delegation with { Rules = merged.Rules, Dropped = merged.Dropped };
    }

    // Each must see the other's: a delegate of another namespace is used only by those it is exported to.
    private static string? ProblemOf(VirtualServiceEntry root, ObjectKey key, VirtualServiceEntry? target)
    {
        if (target is null) return $"There is no VirtualService {key}.";
        if (!target.IsValid) return $"VirtualService {key} is not valid.";
        if (!target.IsDelegate) return $"VirtualService {key} has hosts of its own, so it is no delegate.";
        return Visibility.Reaches(target.Rule.Spec.ExportTo, key.Namespace, root.Rule.Namespace)
            ? null : $"VirtualService {key} is not exported to namespace {root.Rule.Namespace}.";
    }
}
