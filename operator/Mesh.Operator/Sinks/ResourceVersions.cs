using System.Globalization;

namespace Mesh.Operator.Sinks;

/// <summary>Which of two versions of one object is the later.</summary>
internal static class ResourceVersions
{
    /// <summary>Kubernetes promises since 1.35 that they are comparable numbers; before, they were so in fact. What is no number counts as newer.</summary>
    public static bool IsNewer(string? seen, string? known) =>
        !ulong.TryParse(seen, NumberStyles.None, CultureInfo.InvariantCulture, out var a)
        || !ulong.TryParse(known, NumberStyles.None, CultureInfo.InvariantCulture, out var b) || a > b;
}
