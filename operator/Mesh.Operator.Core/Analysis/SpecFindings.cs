using System.Collections.Immutable;
using Mesh.Api;
using Mesh.Api.Networking;

namespace Mesh.Operator.Core.Analysis;

/// <summary>What is wrong with a spec by itself: broken rules of its kind, and fields this version does not act on.</summary>
internal static class SpecFindings
{
    public static ImmutableArray<Finding> Of(VirtualServiceSpec spec) => [.. Unreadable(spec)];

    public static ImmutableArray<Finding> Of(DestinationRuleSpec spec) => [.. Unreadable(spec)];

    private static IEnumerable<Finding> Unreadable(ISpecFromUser spec) => spec.Unreadable is null ? [] :
    [
        new Finding
        {
            Severity = Severity.Error,
            Code = FindingCodes.UnreadableSpec,
            Path = "spec",
            Message = $"The spec cannot be read: {spec.Unreadable}",
            Remedy = "Write the object anew with the fields of the current API.",
        },
    ];
}
