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
        for (var i = 0; i < spec.Endpoints.Count; i++)
            if (string.IsNullOrEmpty(spec.Endpoints[i].Address)) yield return Elsewhere($"spec.endpoints[{i}].address", resource);
    }

    /// <summary>Of a WorkloadEntry.</summary>
    public static IEnumerable<Finding> Of(WorkloadEntrySpec spec, string resource)
    {
        if (string.IsNullOrEmpty(spec.Address)) yield return Elsewhere("spec.address", resource);
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

    /// <summary>Of a ProxyConfig.</summary>
    public static IEnumerable<Finding> Of(ProxyConfigSpec spec, string resource)
    {
        if (spec.Image?.ImageType is { Length: > 0 } type && type is not ("default" or "distroless"))
            yield return NotYet(resource, "spec.image.imageType", type, "There is one image for sidecars, and they are started from that.", "Remove it; the annotation sidecar.istio.io/proxyImage names another image for a pod.");
        foreach (var (name, value) in spec.EnvironmentVariables.OrderBy(variable => variable.Key, StringComparer.Ordinal))
        {
            if (!ProxyVariables.Acts(name, value ?? "") && ProxyVariables.Problem(name, value ?? "") is null)
                yield return NotYet(resource, $"spec.environmentVariables[{name}]", value ?? "", "It goes into the sidecar's environment, where nothing reads it.", "Remove it.");
        }
    }

    private static Finding Elsewhere(string path, string resource) =>
        NotYet(resource, path, "", "Endpoints that only a gateway of another network knows are not reached yet: this one is left out.", "Write the endpoint's address.");

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
