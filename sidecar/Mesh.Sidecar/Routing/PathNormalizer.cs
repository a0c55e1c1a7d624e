using System.Buffers;
using System.Text;
using Mesh.Config;

namespace Mesh.Sidecar.Routing;

/// <summary>
/// Brings a path into the one form in which it is matched, authorised and sent, so that no second spelling of a path gets
/// past a rule (RFC 3986, section 6.2.2).
/// </summary>
public static class PathNormalizer
{
    // What may need work: escapes, backslashes, dot segments (a dot after a slash) and, for merging, slashes in a row.
    private static readonly SearchValues<char> Suspicious = SearchValues.Create(@"%\");

    /// <summary>The normalised path, the same instance when nothing is to do; <c>null</c> when it is no path: answer 400.</summary>
    public static string? Normalize(string path, PathNormalization normalization)
    {
        // CONNECT and OPTIONS * have targets that are no paths.
        if (normalization == PathNormalization.None || path is "" or "*") return path;
        if (path[0] != '/') return null;
        var merge = normalization is PathNormalization.MergeSlashes or PathNormalization.DecodeAndMergeSlashes;
        if (IsNormal(path, merge)) return path;
        var decoded = DecodeAll(path, slashes: normalization == PathNormalization.DecodeAndMergeSlashes);
        return decoded is null ? null : RemoveDotSegments(decoded, merge);
    }

    // A percent sign that begins no escape stays, as in "/100%": applications send such paths. But beside a decoded character
    // it may begin one now ("%%341" is "%41"), so decoding goes on until nothing changes; each turn shortens the path.
    private static string? DecodeAll(string path, bool slashes)
    {
        while (true)
        {
            var decoded = Decode(path, slashes);
            if (decoded is null || decoded.Length == path.Length) return decoded;
            path = decoded;
        }
    }

    private static bool IsNormal(string path, bool merge) =>
        !path.AsSpan().ContainsAny(Suspicious)
        && !path.Contains("/.", StringComparison.Ordinal)
        && !(merge && path.Contains("//", StringComparison.Ordinal));

    private static string? Decode(string path, bool slashes)
    {
        var result = new StringBuilder(path.Length);
        for (var i = 0; i < path.Length; i++)
        {
            var c = path[i];
            if (c == '\\') result.Append('/');
            else if (c != '%' || i + 2 >= path.Length || !char.IsAsciiHexDigit(path[i + 1]) || !char.IsAsciiHexDigit(path[i + 2])) result.Append(c);
            else
            {
                var octet = Convert.FromHexString(path.AsSpan(i + 1, 2))[0];
                if (octet == 0) return null; // an encoded NUL ends strings in many an application
                if (IsUnreserved((char)octet)) result.Append((char)octet);
                else if (slashes && octet is (byte)'/' or (byte)'\\') result.Append('/');
                else result.Append('%').Append(char.ToUpperInvariant(path[i + 1])).Append(char.ToUpperInvariant(path[i + 2]));
                i += 2;
            }
        }

        return result.ToString();
    }

    private static bool IsUnreserved(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '~';

    private static string RemoveDotSegments(string path, bool merge)
    {
        var result = new StringBuilder(path.Length);
        foreach (var range in path.AsSpan(1).Split('/'))
        {
            var (offset, length) = range.GetOffsetAndLength(path.Length - 1);
            var segment = path.AsSpan(1 + offset, length);
            var last = offset + length == path.Length - 1;
            switch (segment)
            {
                case ".":
                    if (last) result.Append('/');
                    break;
                case "..":
                    RemoveLast(result);
                    if (last) result.Append('/');
                    break;
                case "" when merge && !last:
                    break;
                default:
                    result.Append('/').Append(segment);
                    break;
            }
        }

        return result.Length == 0 ? "/" : result.ToString();
    }

    // Above the root stays at the root, as browsers and servers do.
    private static void RemoveLast(StringBuilder result)
    {
        var end = result.Length - 1;
        while (end > 0 && result[end] != '/') end--;
        result.Length = Math.Max(0, end);
    }
}
