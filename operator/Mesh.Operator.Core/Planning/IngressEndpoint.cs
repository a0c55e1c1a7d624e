using System.Net;
using Mesh.Config;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>A Sidecar's <c>defaultEndpoint</c> -> where the sidecar of this pod connects to.</summary>
internal static class IngressEndpoint
{
    /// <summary>Null where connections go on to where they were going, also for what the validator refuses.</summary>
    public static string? Of(string? written, Workload workload)
    {
        if (string.IsNullOrEmpty(written)) return null;
        // A port alone is loopback's, as in Istio.
        if (!ApplicationEndpoint.TryParse(written[0] == ':' ? "127.0.0.1" + written : written, out var endpoint)) return null;
        if (endpoint.Address is not { } address) return written;
        // Any address is the pod's own of that family; before it has one, or without one, it is loopback.
        if (address.Address.Equals(IPAddress.Any)) return new IPEndPoint(PodAddress(workload, isIPv6: false) ?? IPAddress.Loopback, address.Port).ToString();
        if (address.Address.Equals(IPAddress.IPv6Any)) return new IPEndPoint(PodAddress(workload, isIPv6: true) ?? IPAddress.IPv6Loopback, address.Port).ToString();
        return address.ToString();
    }

    private static IPAddress? PodAddress(Workload workload, bool isIPv6)
    {
        foreach (var text in workload.Addresses)
            if (text.Contains(':', StringComparison.Ordinal) == isIPv6 && IPAddress.TryParse(text, out var address)) return address;
        return null;
    }
}
