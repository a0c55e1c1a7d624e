using System.Globalization;

namespace Mesh.Operator.Runtime;

/// <summary>
/// Which of two versions is the later. Kubernetes promises since 1.35 that they are comparable numbers; before, they were so in fact.
/// </summary>
public static class ResourceVersion
{
    /// <summary>Whether the first was written after the second; what is no number counts as newer.</summary>
    public static bool IsNewer(string? first, string? second) => !TryRead(first, out var a) || !TryRead(second, out var b) || a > b;

    /// <summary>Whether the first was written before the second; what is no number is not known to be.</summary>
    public static bool IsOlder(string? first, string? second) => TryRead(first, out var a) && TryRead(second, out var b) && a < b;

    private static bool TryRead(string? version, out ulong number) => ulong.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
