using System.Globalization;

namespace Mesh.Api.Validation;

/// <summary>The conditions a request may be tried again on.</summary>
internal static class RetryConditions
{
    private static readonly string[] Names =
    [
        "5xx", "gateway-error", "reset", "reset-before-request", "connect-failure", "retriable-4xx", "refused-stream",
        "retriable-status-codes", "retriable-headers", "envoy-ratelimited", "http3-post-connect-failure",
        "cancelled", "deadline-exceeded", "internal", "resource-exhausted", "unavailable",
    ];

    // Only codes that have a meaning are taken: a made-up one is a typing error that would never fire.
    private static readonly HashSet<int> StatusCodes =
    [
        100, 101, 102, 103, 200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 300, 301, 302, 303, 304, 305, 307, 308,
        .. Enumerable.Range(400, 19), .. Enumerable.Range(421, 6), 428, 429, 431, 451, .. Enumerable.Range(500, 9), 510, 511,
    ];

    /// <summary>Whether it is a condition's name or a status code.</summary>
    public static bool IsKnown(string condition) =>
        Names.Contains(condition)
        || int.TryParse(condition, NumberStyles.None, CultureInfo.InvariantCulture, out var code) && StatusCodes.Contains(code);

    /// <summary>What to write instead.</summary>
    public static string Suggestion(string condition)
    {
        var bare = condition.Trim();
        if (bare != condition && IsKnown(bare))
            return $"Write {bare} without blanks around it.";
        return $"Write one of {string.Join(", ", Names)}, or a status code such as 503.";
    }
}
