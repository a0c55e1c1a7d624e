using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis;

/// <summary>The annotation by which a VirtualService asks for retries of idempotent requests only.</summary>
internal static class RetryAnnotation
{
    /// <summary>Whether it does.</summary>
    public static bool IsIdempotent(Rule<VirtualServiceSpec> rule) => rule.Retries == MeshLabels.RetriesIdempotent;

    /// <summary>A value that means nothing.</summary>
    public static IEnumerable<Finding> Check(Rule<VirtualServiceSpec> rule)
    {
        if (rule.Retries.Length == 0 || IsIdempotent(rule)) yield break;
        yield return new Finding
        {
            Severity = Severity.Warning,
            Code = FindingCodes.InvalidAnnotation,
            Path = $"metadata.annotations[{MeshLabels.Retries}]",
            Value = rule.Retries,
            Message = "The annotation has no effect: it knows one value.",
            Remedy = $"Write {MeshLabels.RetriesIdempotent}, or leave the annotation out.",
        };
    }
}
