using Mesh.Api.Networking;

namespace Mesh.Api.Validation;

/// <summary>Where a Sidecar with captureMode NONE has the sidecar listen by itself.</summary>
public static class SidecarBinds
{
    private static readonly string[] Everywhere = ["0.0.0.0", "::"];

    /// <summary>Whether it is a socket of the machine and no address.</summary>
    public static bool IsSocket(string? bind) => AddressRules.IsUnix(bind);

    /// <summary>
    /// Whether a sidecar would send what it takes to itself: nothing says where else to, or it is the very port, at an address
    /// that it listens at too.
    /// </summary>
    public static bool ComesBack(SidecarIngressListener listener)
    {
        if (string.IsNullOrEmpty(listener.DefaultEndpoint)) return true;
        if (IsSocket(listener.DefaultEndpoint) || !listener.DefaultEndpoint.EndsWith($":{listener.Port?.Number}", StringComparison.Ordinal)) return false;
        var host = listener.DefaultEndpoint[..listener.DefaultEndpoint.LastIndexOf(':')].Trim('[', ']');
        return string.IsNullOrEmpty(listener.Bind) || Everywhere.Contains(listener.Bind) || Everywhere.Contains(host) || host == listener.Bind;
    }
}
