using Mesh.Api.Networking;

namespace Mesh.Api.Validation;

/// <summary>Values of supported fields that this version of Mesh does not know yet.</summary>
internal static class UnsupportedValues
{
    private static readonly string[] RetryConditionsNotYet = ["retriable-headers", "envoy-ratelimited", "http3-post-connect-failure"];

    /// <summary>Of a VirtualService.</summary>
    public static IEnumerable<Finding> Of(VirtualServiceSpec spec, string resource)
    {
        for (var i = 0; i < spec.Http.Count; i++)
        {
            foreach (var condition in (spec.Http[i].Retries?.RetryOn ?? "").Split(',').Intersect(RetryConditionsNotYet))
            {
                yield return new Finding
                {
                    Severity = Severity.Warning,
                    Code = FindingCodes.ValueNotSupportedYet,
                    Resource = resource,
                    Path = $"spec.http[{i}].retries.retryOn",
                    Value = condition,
                    Message = "This version of Mesh does not know this condition yet: it never leads to a retry.",
                    Remedy = "Remove it; the other conditions hold.",
                };
            }
        }
    }
}
