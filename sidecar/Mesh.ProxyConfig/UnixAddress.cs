using System.Text;

namespace Mesh.Config;

/// <summary>Addresses of members that listen on a socket of the machine: <c>unix:///run/app.sock</c>, or abstract <c>unix://@name</c>.</summary>
public static class UnixAddress
{
    /// <summary>What such an address begins with.</summary>
    public const string Scheme = "unix://";

    // sockaddr_un holds 108 bytes, the last one a zero (unix(7)).
    private const int LongestPath = 107;

    /// <summary>Whether a socket is meant.</summary>
    public static bool Is(string? address) => address is not null && address.StartsWith(Scheme, StringComparison.Ordinal);

    /// <summary>The path of the socket; that of an abstract one begins with <c>@</c>.</summary>
    public static string PathOf(string address) => address[Scheme.Length..];

    /// <summary>Why no socket can be there; <c>null</c> when one can.</summary>
    public static string? Problem(string address)
    {
        var path = PathOf(address);
        if (path.Contains('\0')) return "its path contains a zero";
        if (Encoding.UTF8.GetByteCount(path) > LongestPath) return $"its path is longer than {LongestPath} bytes";
        if (path is ['@', _, ..] || path is ['/', .., not '/']) return null;
        return "its path is absolute and names a file, or is @ and a name";
    }
}
