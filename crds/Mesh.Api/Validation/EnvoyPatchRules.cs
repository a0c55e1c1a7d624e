using System.Text.Json;
using Mesh.Api.Networking;
using Mesh.Config;

namespace Mesh.Api.Validation;

/// <summary>Patches of an EnvoyFilter, as far as they can be judged without Envoy's own types.</summary>
internal static class EnvoyPatchRules
{
    private const int LongestVersion = 1024;
    private static readonly string[] HttpManagers = ["envoy.filters.network.http_connection_manager", "envoy.http_connection_manager"];

    // Names that Envoy dropped in 2020, with what they became.
    private static readonly Dictionary<string, string> OldNames = new(StringComparer.Ordinal)
    {
        ["envoy.http_connection_manager"] = "envoy.filters.network.http_connection_manager",
        ["envoy.tcp_proxy"] = "envoy.filters.network.tcp_proxy",
        ["envoy.buffer"] = "envoy.filters.http.buffer",
        ["envoy.cors"] = "envoy.filters.http.cors",
        ["envoy.fault"] = "envoy.filters.http.fault",
        ["envoy.lua"] = "envoy.filters.http.lua",
        ["envoy.router"] = "envoy.filters.http.router",
        ["envoy.rate_limit"] = "envoy.filters.http.ratelimit",
        ["envoy.ext_authz"] = "envoy.filters.http.ext_authz",
        ["envoy.grpc_web"] = "envoy.filters.http.grpc_web",
        ["envoy.gzip"] = "envoy.filters.http.compressor",
    };

    /// <summary>One patch.</summary>
    public static void Check(FindingList found, string path, EnvoyPatch patch)
    {
        if (patch.ApplyTo is null or "INVALID")
            found.Error(path + ".applyTo", patch.ApplyTo, "It is not said what is patched.", "Add applyTo, such as HTTP_FILTER.");
        Value(found, path + ".patch", patch);
        if (patch.Match is not { } match)
            return;
        Version(found, path + ".match.proxy.proxyVersion", match.Proxy?.ProxyVersion);
        Waypoint(found, path + ".match", match);
        Fits(found, path + ".match", patch.ApplyTo, match);
        if (match.Listener?.FilterChain?.Filter is { } filter)
            Filter(found, path + ".match.listener.filterChain.filter", patch.ApplyTo, filter);
        if (match.Waypoint is { PortNumber: 0 })
            AddressRules.Port(found, path + ".match.waypoint.portNumber", 0);
    }

    private static void Value(FindingList found, string path, EnvoyPatch patch)
    {
        if (patch.Patch?.Operation is null or "INVALID")
        {
            // An object that only says whose pods it is for has no patch at all.
            if (patch.ApplyTo is not (null or "INVALID") && patch.Match?.Waypoint is null)
                found.Error(path + ".operation", patch.Patch?.Operation, "It is not said what is done.", "Add patch.operation, such as MERGE.");
            return;
        }

        if (patch.Patch.Operation != "REMOVE" && patch.Patch.Value is null)
            found.Error(path + ".value", null, $"{patch.Patch.Operation} needs a value.", "Add patch.value.");
        if (patch.Patch.Value is not { ValueKind: JsonValueKind.Object } value)
            return;
        if (value.TryGetProperty("name", out var name) && name.ValueKind is not (JsonValueKind.String or JsonValueKind.Null))
            found.Error(path + ".value.name", name.GetRawText(), "A name is a text.", "Put it in quotes.");
        else if (name.ValueKind == JsonValueKind.String && OldNames.TryGetValue(name.GetString()!, out var now))
            found.Warning(path + ".value.name", name.GetString(), "This name of a filter is deprecated.", $"Use {now} instead.", FindingCodes.Deprecated);
        foreach (var config in new[] { "typed_config", "typedConfig" })
        {
            if (value.TryGetProperty(config, out var typed) && typed.ValueKind == JsonValueKind.Object && typed.TryGetProperty("@type", out var type) && type.ValueKind == JsonValueKind.String && IsOfOldApi(type.GetString()!))
                found.Error($"{path}.value.{config}.@type", type.GetString(), "Envoy has no such type any more.", "Use the type of its API version 3.");
        }
    }

    private static bool IsOfOldApi(string type) =>
        type.StartsWith("type.googleapis.com/envoy.", StringComparison.Ordinal)
        && type.Split('.').Any(part => part is "v2" or "v2alpha" or "v2alpha1" or "v1" or "v1alpha1" or "v1beta1");

    private static void Version(FindingList found, string path, string? version)
    {
        if (string.IsNullOrEmpty(version))
            return;
        if (version.Length > LongestVersion)
            found.Warning(path, version, $"An expression has at most {LongestVersion} characters; this one is ignored.", "Shorten it.");
        else if (Re2.Problem(version) is { } problem)
            found.Error(path, version, problem, "Write it in RE2 syntax.");
    }

    private static void Waypoint(FindingList found, string path, EnvoyMatch match)
    {
        if (match.Context == "WAYPOINT" != match.Waypoint is not null)
            found.Error(path, match.Context, "A waypoint is matched in the context WAYPOINT, and only there.", "Write context: WAYPOINT with waypoint, or another context without it.");
    }

    private static void Fits(FindingList found, string path, string? applyTo, EnvoyMatch match)
    {
        (string Kind, bool Fits) allowed = applyTo switch
        {
            "LISTENER" or "FILTER_CHAIN" or "NETWORK_FILTER" or "HTTP_FILTER" or "LISTENER_FILTER" => ("listener", match.RouteConfiguration is null && match.Cluster is null),
            "ROUTE_CONFIGURATION" or "VIRTUAL_HOST" or "HTTP_ROUTE" => ("routeConfiguration", match.Listener is null && match.Cluster is null),
            "CLUSTER" => ("cluster", match.Listener is null && match.RouteConfiguration is null),
            _ => ("", true),
        };
        if (!allowed.Fits)
            found.Error(path, applyTo, $"{applyTo} is matched by {allowed.Kind} alone.", $"Write match.{allowed.Kind}.");
    }

    private static void Filter(FindingList found, string path, string? applyTo, EnvoyFilterMatch filter)
    {
        if (applyTo is "LISTENER" or "FILTER_CHAIN")
            found.Warning(path, null, $"It has no effect with {applyTo}.", "Remove it.");
        if (string.IsNullOrEmpty(filter.Name))
            found.Error(path + ".name", filter.Name, "A filter is matched by its name.", "Add it.");
        else if (OldNames.TryGetValue(filter.Name, out var now))
            found.Warning(path + ".name", filter.Name, "This name of a filter is deprecated.", $"Use {now} instead.", FindingCodes.Deprecated);
        if (filter.SubFilter is not { } inner)
            return;
        if (applyTo is not ("HTTP_FILTER" or "NETWORK_FILTER"))
            found.Warning(path + ".subFilter", null, "It has effect with HTTP_FILTER only.", "Remove it.");
        if (!HttpManagers.Contains(filter.Name))
            found.Error(path + ".name", filter.Name, "Only the HTTP connection manager has filters within.", $"Write {HttpManagers[0]}.");
        if (string.IsNullOrEmpty(inner.Name))
            found.Error(path + ".subFilter.name", inner.Name, "A filter is matched by its name.", "Add it.");
    }
}
