using System.Text.Json.Nodes;

namespace Mesh.Api.Tests;

/// <summary>One case of Istio's validation tables, made a whole resource where it is only a part of one.</summary>
internal sealed record IstioCase(string File, string Name, bool Accepted, bool Warned, JsonNode Document)
{
    private static readonly Dictionary<string, Func<JsonNode?, JsonNode>> Wrappers = new()
    {
        ["HTTPRoute"] = input => VirtualService(input),
        ["HTTPRetry"] = input => VirtualService(Routed("retries", input)),
        ["HTTPFaultInjection_Abort"] = input => VirtualService(Routed("fault", new JsonObject { ["abort"] = input ?? new JsonObject() })),
        ["HTTPFaultInjection_Delay"] = input => VirtualService(Routed("fault", new JsonObject { ["delay"] = input })),
        ["HTTPRedirect"] = input => VirtualService(input is null ? Routed("redirect", null) : new JsonObject { ["redirect"] = input }),
        ["HTTPRewrite"] = input => VirtualService(Routed("rewrite", input)),
        ["RegexRewrite"] = input => VirtualService(Routed("rewrite", new JsonObject { ["authority"] = input is null ? "a" : null, ["uriRegexRewrite"] = input })),
        ["HTTPDirectResponse"] = input => VirtualService(input is null ? Routed("directResponse", null) : new JsonObject { ["directResponse"] = input }),
        ["CorsPolicy"] = input => VirtualService(Routed("corsPolicy", input)),
        ["Destination"] = input => VirtualService(new JsonObject { ["route"] = new JsonArray(new JsonObject { ["destination"] = input }) }),
        ["RouteDestination"] = input => Tcp(input),
        ["TrafficPolicy"] = Policy,
        ["ConnectionPoolSettings"] = input => Policy(new JsonObject { ["connectionPool"] = input }),
        ["LoadBalancerSettings"] = input => Policy(new JsonObject { ["loadBalancer"] = input }),
        ["Server"] = Gateway,
        ["ServerTLSSettings"] = input => Gateway(new JsonObject { ["hosts"] = new JsonArray("foo.bar.com"), ["port"] = Port("https"), ["tls"] = input }),
        ["AccessLogging_Filter"] = input => Resource("Telemetry", new JsonObject { ["accessLogging"] = new JsonArray(new JsonObject { ["filter"] = input }) }),
        ["HTTPHeaderName"] = input => VirtualService(Routed("headers", Set(input))),
        ["TestStrictValidateHTTPHeaderName"] = input => Resource("RequestAuthentication", new JsonObject { ["jwtRules"] = new JsonArray(new JsonObject { ["issuer"] = "a", ["outputClaimToHeaders"] = new JsonArray(new JsonObject { ["header"] = input!["name"]!.DeepClone(), ["claim"] = "a" }) }) }),
        ["PortName"] = input => Resource("ServiceEntry", new JsonObject { ["hosts"] = new JsonArray("a.b"), ["ports"] = new JsonArray(new JsonObject { ["number"] = 80, ["protocol"] = "HTTP", ["name"] = input!["name"]!.DeepClone() }) }),
        ["OutlierDetection"] = input => Policy(new JsonObject { ["outlierDetection"] = input }),
    };

    public static IEnumerable<IstioCase> Read(string folder) =>
        Directory.GetFiles(folder, "*.yaml").Order(StringComparer.Ordinal)
            .SelectMany(file => YamlJson.Documents(System.IO.File.ReadAllText(file)).Select(document => From(Path.GetFileNameWithoutExtension(file), document)))
            .OfType<IstioCase>();

    private static IstioCase? From(string file, JsonNode document)
    {
        if (document is not JsonObject map || map["_case"] is null || map.Any(p => p.Key.StartsWith("_unresolved", StringComparison.Ordinal)) || document.ToJsonString().Contains("$go", StringComparison.Ordinal))
            return null;
        JsonNode? resource;
        if (map["_message"]?.GetValue<string>() is { } message)
            resource = Wrap(file, message, map["input"]?.DeepClone());
        else
            // What a gateway of the Gateway API became within Istio is nothing a user writes.
            resource = file == "TestValidateK8sGateway" ? null : map.DeepClone();
        if (resource is null)
            return null;
        foreach (var key in resource.AsObject().Select(p => p.Key).Where(k => k.StartsWith('_')).ToArray())
            resource.AsObject().Remove(key);
        return new IstioCase(file, map["_case"]!.GetValue<string>(), map["_expect"]!.GetValue<string>() == "accept", map["_warning"] is not null, resource);
    }

    private static JsonNode? Wrap(string file, string message, JsonNode? input)
    {
        if (ByFile(file, input) is { } whole)
            return whole;
        // Not that kind at all: in Go a type of another package, in YAML nothing that can be written.
        if (!Wrappers.TryGetValue(message, out var wrap) || (file == "TestValidateWasmPlugin" && message == "Server"))
            return null;
        var resource = wrap(input);
        // The rules of a delegate are those of an object without hosts.
        if (file == "TestValidateDelegateHTTPRoute")
            resource["spec"]!["hosts"] = new JsonArray();
        return resource;
    }

    // Tables whose entries are the arguments of a function.
    private static JsonNode? ByFile(string file, JsonNode? input) => (file, input) switch
    {
        ("TestValidateEnvoyFilter", JsonObject { Count: > 0 } map) when map["in"] is { } spec => Resource("EnvoyFilter", spec.DeepClone().AsObject()),
        ("TestValidateServerPort", JsonObject map) => Gateway(new JsonObject { ["hosts"] = new JsonArray("foo.bar.com"), ["port"] = map["in"]!.DeepClone(), ["bind"] = map["bind"]!.DeepClone() }),
        ("TestValidateHTTPStatus", JsonValue status) => VirtualService(new JsonObject { ["directResponse"] = new JsonObject { ["status"] = status.DeepClone() } }),
        ("Test_validateExportTo", JsonObject map) => Exported(map),
        _ => null,
    };

    private static JsonObject Exported(JsonObject map)
    {
        var resource = map["isServiceEntry"]?.GetValue<bool>() is true
            ? Resource("ServiceEntry", new JsonObject { ["hosts"] = new JsonArray("a.b") })
            : Resource("DestinationRule", new JsonObject { ["host"] = "a.b" });
        resource["metadata"]!["namespace"] = map["namespace"]!.DeepClone();
        resource["spec"]!["exportTo"] = map["exportTo"]!.DeepClone();
        if (map["isDestinationRuleWithSelector"]?.GetValue<bool>() is true)
            resource["spec"]!["workloadSelector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = "a" } };
        return resource;
    }

    private static JsonObject Set(JsonNode? name) => new() { ["request"] = new JsonObject { ["add"] = new JsonObject { [name!["name"]!.GetValue<string>()] = "a" } } };

    private static JsonObject Port(string protocol) => new() { ["number"] = 443, ["protocol"] = protocol, ["name"] = protocol };

    private static JsonObject Gateway(JsonNode? server) => Resource("Gateway", new JsonObject { ["selector"] = new JsonObject { ["a"] = "b" }, ["servers"] = new JsonArray(server) });

    private static JsonObject Routed(string field, JsonNode? value) => new()
    {
        ["route"] = new JsonArray(new JsonObject { ["destination"] = new JsonObject { ["host"] = "foo.baz" } }),
        [field] = value,
    };

    private static JsonObject VirtualService(JsonNode? http) => Resource("VirtualService", new JsonObject { ["hosts"] = new JsonArray("foo.bar"), ["http"] = new JsonArray(http) });

    private static JsonObject Tcp(JsonNode? route) => Resource("VirtualService", new JsonObject { ["hosts"] = new JsonArray("foo.bar"), ["tcp"] = new JsonArray(new JsonObject { ["route"] = route }) });

    private static JsonObject Policy(JsonNode? policy) => Resource("DestinationRule", new JsonObject { ["host"] = "foo.bar", ["trafficPolicy"] = policy });

    private static JsonObject Resource(string kind, JsonObject spec) => new()
    {
        ["apiVersion"] = YamlJson.ApiVersion(kind),
        ["kind"] = kind,
        ["metadata"] = new JsonObject { ["name"] = "foo", ["namespace"] = "default" },
        ["spec"] = spec,
    };
}
