using System.Globalization;

namespace Mesh.Init;

/// <summary>Whether this process may change the network; asked first, so that the answer is a sentence and not an errno.</summary>
public static class Permission
{
    private const int NetAdmin = 12;

    /// <summary>Throws where NET_ADMIN is missing.</summary>
    public static void Demand()
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("CapEff:", StringComparison.Ordinal));
        var effective = ulong.Parse(line["CapEff:".Length..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        if ((effective & (1UL << NetAdmin)) != 0) return;
        throw new InitFailure(InitFailure.NotPermitted,
            "may not change iptables: this container lacks the capability NET_ADMIN. The injected mesh-init asks for NET_ADMIN and "
            + "NET_RAW; a Pod Security level (baseline or restricted), an admission policy or the runtime took them away. Allow them "
            + "for this namespace, or keep the pod out of the mesh with the label sidecar.istio.io/inject=false.");
    }
}
