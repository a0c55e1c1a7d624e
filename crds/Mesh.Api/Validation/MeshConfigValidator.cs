using System.Text.Json;
using Mesh.Api.MeshWide;

namespace Mesh.Api.Validation;

/// <summary>
/// Everything that can be said about Istio's MeshConfig and ProxyConfig by looking at them alone: fields that do not exist,
/// values of a wrong type or out of bounds. What of them acts is for whoever reads them.
/// </summary>
public static class MeshConfigValidator
{
    /// <summary>What is wrong with a MeshConfig; paths begin with where it stands.</summary>
    public static IReadOnlyList<Finding> Validate(JsonElement config, string resource, string path)
    {
        var found = new FindingList(resource);
        if (Read<MeshConfig>(found, config, path) is { } settings)
            Check(found, path, settings);
        return found.ToList();
    }

    /// <summary>What is wrong with a ProxyConfig: that of a pod, of its annotation <c>proxy.istio.io/config</c>.</summary>
    public static IReadOnlyList<Finding> ValidateProxy(JsonElement config, string resource, string path)
    {
        var found = new FindingList(resource);
        if (Read<MeshProxyConfig>(found, config, path) is { } settings)
            Check(found, path, settings);
        return found.ToList();
    }

    // Unknown fields do not keep the others from being looked at; values of a wrong type do.
    private static T? Read<T>(FindingList found, JsonElement config, string path)
        where T : class, new()
    {
        DocumentShape.Check(found, path, typeof(T), config);
        if (found.ToList().Any(finding => finding.Code != FindingCodes.UnknownField))
            return null;
        var settings = ApiJson.Read<T>(config);
        FieldBounds.Check(found, path, settings);
        return settings;
    }

    private static void Check(FindingList found, string path, MeshConfig settings)
    {
        if (settings.TrustDomain is { } domain && TrustDomains.Problem(domain) is { } problem)
            found.Error(path + ".trustDomain", domain, $"This is no trust domain: {problem}.", "Write a DNS name in lower case, such as cluster.local.");
        for (var i = 0; i < settings.TrustDomainAliases.Count; i++)
        {
            if (TrustDomains.Problem(settings.TrustDomainAliases[i]) is { } odd)
                found.Error($"{path}.trustDomainAliases[{i}]", settings.TrustDomainAliases[i], $"This is no trust domain: {odd}.", "Write a DNS name in lower case.");
        }

        if (settings.RootNamespace is { Length: > 0 } root && !DnsNames.IsLabel(root))
            found.Error(path + ".rootNamespace", root, "This is no name of a namespace.", "Write letters, digits and hyphens, at most 63.");
        if (settings.OutboundTrafficPolicy?.Mode is "VIRTUAL_SERVICE_ONLY")
            found.Error(path + ".outboundTrafficPolicy.mode", settings.OutboundTrafficPolicy.Mode, "This mode was never built.", "Write ALLOW_ANY or REGISTRY_ONLY.");
        CommonRules.Duration(found, path + ".connectTimeout", settings.ConnectTimeout);
        CommonRules.ExportTo(found, path + ".defaultServiceExportTo", settings.DefaultServiceExportTo, null);
        CommonRules.ExportTo(found, path + ".defaultVirtualServiceExportTo", settings.DefaultVirtualServiceExportTo, null);
        CommonRules.ExportTo(found, path + ".defaultDestinationRuleExportTo", settings.DefaultDestinationRuleExportTo, null);
        Providers(found, path, settings);
        if (settings.DefaultConfig is { } proxies)
            Check(found, path + ".defaultConfig", proxies);
    }

    private static void Providers(FindingList found, string path, MeshConfig settings)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < settings.ExtensionProviders.Count; i++)
        {
            var provider = settings.ExtensionProviders[i];
            var at = $"{path}.extensionProviders[{i}]";
            if (provider.Name is { Length: > 0 } name && !names.Add(name))
                found.Error(at + ".name", name, "Another provider has this name.", "Give each a name of its own.");
            if (ApiFields.Of(typeof(MeshExtensionProvider)).Where(field => field.Name != nameof(MeshExtensionProvider.Name)).All(field => field.GetValue(provider) is null))
                found.Error(at, provider.Name, "It is not said what it is.", "Add envoyExtAuthzGrpc, zipkin, opentelemetry, envoyFileAccessLog or another kind of provider.");
        }

        // What the sidecar itself writes and serves needs no entry.
        string[] builtIn = ["envoy", "prometheus", "stackdriver"];
        foreach (var (list, at) in new[] { (settings.DefaultProviders?.Tracing, "tracing"), (settings.DefaultProviders?.Metrics, "metrics"), (settings.DefaultProviders?.AccessLogging, "accessLogging") })
        {
            for (var i = 0; i < (list?.Count ?? 0); i++)
            {
                if (!names.Contains(list![i]) && !builtIn.Contains(list[i]))
                    found.Error($"{path}.defaultProviders.{at}[{i}]", list[i], "There is no such provider.", Spelling.Suggestion(list[i], [.. names, .. builtIn]));
            }
        }
    }

    private static void Check(FindingList found, string path, MeshProxyConfig settings)
    {
        if (settings.ParentShutdownDuration is { } shutdown)
            found.Warning(path + ".parentShutdownDuration", shutdown, "This has no effect, as in Istio.", "Remove it.");
        if (settings.ZipkinAddress is { } zipkin)
            found.Deprecated(path + ".zipkinAddress", zipkin, "tracing.zipkin.address");
        if (settings.EnvoyMetricsServiceAddress is { } metrics)
            found.Deprecated(path + ".envoyMetricsServiceAddress", metrics, "envoyMetricsService");
        CommonRules.Duration(found, path + ".drainDuration", settings.DrainDuration);
        CommonRules.Duration(found, path + ".terminationDrainDuration", settings.TerminationDrainDuration, zeroAllowed: true);
    }
}
