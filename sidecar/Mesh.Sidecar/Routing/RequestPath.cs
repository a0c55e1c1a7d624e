using System.Text;

namespace Mesh.Sidecar.Routing;

/// <summary>What rules may make of a path.</summary>
internal static class RequestPath
{
    /// <summary>The text as a request line can carry it: what cannot stand in one is percent-encoded, the rest is left alone.</summary>
    public static string Escape(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange('!', '~')) return text;
        var result = new StringBuilder(text.Length + 16);
        foreach (var unit in Encoding.UTF8.GetBytes(text))
        {
            if (unit is > (byte)' ' and <= (byte)'~') result.Append((char)unit);
            else result.Append('%').Append(unit.ToString("X2"));
        }

        return result.ToString();
    }

    /// <summary>The path with this prefix replaced; a match without case may have found it in another spelling.</summary>
    public static string ReplacePrefix(string path, string prefix, string replacement) =>
        path.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? string.Concat(replacement, path.AsSpan(prefix.Length)) : path;

    /// <summary>A path that begins with a slash, as one in a request must.</summary>
    public static string Rooted(string path) => path is ['/', ..] ? path : "/" + path;
}
