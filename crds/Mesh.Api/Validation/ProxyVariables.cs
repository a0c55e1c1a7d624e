namespace Mesh.Api.Validation;

/// <summary>
/// Variables of a sidecar's environment, as <c>proxyMetadata</c> and <c>ProxyConfig.environmentVariables</c> give them: which
/// names are taken, which of them act, and what their values may be.
/// </summary>
public static class ProxyVariables
{
    /// <summary>Istio's name for the switch of DNS capture.</summary>
    public const string DnsCapture = "ISTIO_META_DNS_CAPTURE";

    /// <summary>Names have addresses anyhow, so that to ask for it is to ask for what is.</summary>
    public const string AutoAllocate = "ISTIO_META_DNS_AUTO_ALLOCATE";

    /// <summary>Whether a sidecar that ends waits for its connections however long that takes.</summary>
    public const string ExitOnZero = "EXIT_ON_ZERO_ACTIVE_CONNECTIONS";

    /// <summary>How long it waits then at least.</summary>
    public const string MinimumDrain = "MINIMUM_DRAIN_DURATION";

    // The sidecar learns from these who it is and where its files are.
    private static readonly string[] Own = ["POD_NAME", "POD_NAMESPACE", "POD_UID", "INSTANCE_IP", "NODE_NAME", "SERVICE_ACCOUNT"];

    /// <summary>Why no sidecar can be given this; <c>null</c> if it can.</summary>
    public static string? Problem(string name, string value)
    {
        if (name.Length == 0 || name.Any(c => c is '=' or <= ' ' or > '~')) return "is no name of an environment variable";
        if (Own.Contains(name) || name.StartsWith("MESH_", StringComparison.Ordinal)) return "is set by the injector";
        return name switch
        {
            DnsCapture when value is not ("true" or "false" or "") => $"\"{value}\" is neither \"true\" nor \"false\"",
            ExitOnZero when value is not ("true" or "false") => $"\"{value}\" is neither \"true\" nor \"false\"",
            MinimumDrain when !(Duration.Parse(value).Value >= TimeSpan.Zero) => $"\"{value}\" is no duration such as 5s",
            _ => null,
        };
    }

    /// <summary>Whether the sidecar does what this asks for; anything else is only there.</summary>
    public static bool Acts(string name, string value) => name switch
    {
        DnsCapture or ExitOnZero or MinimumDrain or "TZ" => true,
        AutoAllocate => value == "true",
        _ => name.StartsWith("DOTNET_", StringComparison.Ordinal),
    };
}
