namespace Mesh.Api.Validation;

/// <summary>Host names as rules name them: exact, or with a leading wildcard (<c>*</c>, <c>*.foo.com</c>, <c>*-foo.com</c>).</summary>
public static class HostPattern
{
    /// <summary>Whether it begins with a wildcard.</summary>
    public static bool IsWildcard(string host) => host.StartsWith('*');

    /// <summary>Whether some name fits both.</summary>
    public static bool Overlap(string one, string other)
    {
        if (IsWildcard(one) && IsWildcard(other))
            return EndsWith(one.Length < other.Length ? other[1..] : one[1..], one.Length < other.Length ? one[1..] : other[1..]);
        if (IsWildcard(one))
            return EndsWith(other, one[1..]);
        return IsWildcard(other) ? EndsWith(one, other[1..]) : one.Equals(other, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether every name that fits <paramref name="part"/> fits <paramref name="whole"/>.</summary>
    public static bool IsWithin(string part, string whole)
    {
        if (IsWildcard(part))
            return IsWildcard(whole) && part.Length >= whole.Length && EndsWith(part[1..], whole[1..]);
        return IsWildcard(whole) ? EndsWith(part, whole[1..]) : part.Equals(whole, StringComparison.OrdinalIgnoreCase);
    }

    private static bool EndsWith(string text, string end) => text.EndsWith(end, StringComparison.OrdinalIgnoreCase);
}
