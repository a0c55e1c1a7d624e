using Mesh.Api.Networking;

namespace Mesh.Api.Validation;

/// <summary>Values of supported fields that this version of Mesh does not know yet.</summary>
internal static class UnsupportedValues
{
    private const string NeedsHttp3 = "http3-post-connect-failure";

    /// <summary>Of a VirtualService.</summary>
    public static IEnumerable<Finding> Of(VirtualServiceSpec spec, string resource)
    {
        for (var i = 0; i < spec.Http.Count; i++)
        {
            if ((spec.Http[i].Retries?.RetryOn ?? "").Split(',').Contains(NeedsHttp3))
                yield return NotYet(resource, $"spec.http[{i}].retries.retryOn", NeedsHttp3, "Sidecars speak no HTTP/3, so this condition never leads to a retry.", "Remove it; the other conditions hold.");
        }
    }

    /// <summary>Of a ServiceEntry.</summary>
    public static IEnumerable<Finding> Of(ServiceEntrySpec spec, string resource)
    {
        if (spec.Resolution == "DYNAMIC_DNS")
            yield return NotYet(resource, "spec.resolution", spec.Resolution, "Names are not resolved per request yet: connections go to the address the client chose, as with NONE.", "Write NONE if that is what you want.");
        for (var i = 0; i < spec.Endpoints.Count; i++)
            if (Socket(spec.Endpoints[i], $"spec.endpoints[{i}].address", resource) is { } socket) yield return socket;
    }

    /// <summary>Of a WorkloadEntry.</summary>
    public static IEnumerable<Finding> Of(WorkloadEntrySpec spec, string resource)
    {
        if (Socket(spec, "spec.address", resource) is { } socket) yield return socket;
    }

    /// <summary>Of a Sidecar.</summary>
    public static IEnumerable<Finding> Of(SidecarSpec spec, string resource)
    {
        for (var i = 0; i < spec.Egress.Count; i++)
        {
            if (AddressRules.IsUnix(spec.Egress[i].Bind))
                yield return NotYet(resource, $"spec.egress[{i}].bind", spec.Egress[i].Bind!, "The sidecar does not listen on sockets yet: nobody is there.", "Write an address and a port.");
            if (spec.Egress[i].Port?.Protocol is "HTTP_PROXY" or "http_proxy")
                yield return NotYet(resource, $"spec.egress[{i}].port.protocol", "HTTP_PROXY", "The sidecar is no explicit proxy for the application: connections are captured.", "Remove the protocol.");
        }
    }

    private static Finding? Socket(WorkloadEntrySpec spec, string path, string resource) =>
        spec.Address?.StartsWith("unix://", StringComparison.Ordinal) == true
            ? NotYet(resource, path, spec.Address, "Sockets of a machine are not connected to yet: this endpoint is left out.", "Have the workload listen on an address.")
            : string.IsNullOrEmpty(spec.Address) ? NotYet(resource, path, "", "Endpoints that only a gateway of another network knows are not reached yet: this one is left out.", "Write the endpoint's address.")
            : null;

    private static Finding NotYet(string resource, string path, string value, string message, string remedy) => new()
    {
        Severity = Severity.Warning,
        Code = FindingCodes.ValueNotSupportedYet,
        Resource = resource,
        Path = path,
        Value = value,
        Message = message,
        Remedy = remedy,
    };
}
