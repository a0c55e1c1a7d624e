using Mesh.Api;

namespace Mesh.Operator.Core.Analysis;

/// <summary>One word for several things that are missing.</summary>
internal static class Reasons
{
    /// <summary>Null if nothing is missing.</summary>
    public static string? Of(IReadOnlyCollection<Reference> missing) => missing.Select(reference => reference.Reason).Distinct().ToList() switch
    {
        [] => null,
        [var only] => only,
        _ => ConditionReasons.RefsNotFound,
    };
}
