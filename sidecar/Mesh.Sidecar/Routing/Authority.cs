namespace Mesh.Sidecar.Routing;

/// <summary>Taking apart a Host header.</summary>
public static class Authority
{
    /// <summary>The host without port and without a trailing dot; brackets of an IPv6 address stay.</summary>
    public static ReadOnlySpan<char> HostOf(ReadOnlySpan<char> authority)
    {
        var host = authority;
        var end = host.LastIndexOf(']');
        var colon = host[(end + 1)..].IndexOf(':');
        if (colon >= 0) host = host[..(end + 1 + colon)];
        return host is [.., '.'] ? host[..^1] : host;
    }
}
