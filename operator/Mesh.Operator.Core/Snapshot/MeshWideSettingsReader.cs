using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Api;
using Mesh.Api.Validation;
using Mesh.Config;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Mesh.Operator.Core.Snapshot;

/// <summary>Reads Istio's MeshConfig YAML field by field: each field either acts or is named in a finding.</summary>
public static class MeshWideSettingsReader
{
    private static readonly string Resource = $"ConfigMap/{MeshNames.SystemNamespace}/{MeshNames.SettingsConfigMap}";

    public static MeshWideSettings Read(string yaml)
    {
        var findings = new List<Finding>();
        var settings = MeshWideSettings.Default;
        var fields = Fields(yaml, findings).ToList();
        foreach (var (name, value) in fields) settings = Apply(settings, name, value, findings);
        settings = WithLogFormat(settings, findings);
        return settings with { Findings = [.. Known(fields, findings)] };
    }

    // Whether a field exists and can hold the value comes first; of what is wrong with it by itself it is not also said that
    // it does not act.
    private static IEnumerable<Finding> Known(List<(string Name, YamlNode Value)> fields, List<Finding> findings)
    {
        var path = $"data.{MeshNames.SettingsKey}";
        var json = new JsonObject();
        foreach (var (name, value) in fields) json[name] = YamlToJson.Convert(value);
        var wrong = MeshConfigValidator.Validate(JsonSerializer.SerializeToElement(json), Resource, path);
        return wrong.Where(finding => !findings.Any(own => own.Severity == Severity.Error && finding.Path.StartsWith(own.Path, StringComparison.Ordinal)))
            .Concat(findings.Where(own => own.Code != FindingCodes.FieldNotSupportedYet || !wrong.Any(finding => finding.Path == own.Path)));
    }

    private static MeshWideSettings Apply(MeshWideSettings settings, string name, YamlNode value, List<Finding> findings)
    {
        switch (name)
        {
            case "trustDomain":
                if (Text(value) is { } domain && TrustDomains.Problem(domain) is null) return settings with { TrustDomain = domain };
                break;
            case "enableAutoMtls":
                if (Text(value) is "true" or "false") return settings with { AutoMutualTls = Text(value) == "true" };
                break;
            case "enablePrometheusMerge":
                if (Text(value) is "true" or "false") return settings with { PrometheusMerge = Text(value) == "true" };
                break;
            case "meshMTLS":
                return MutualTlsSettingsReader.Mesh(settings, value, findings);
            case "defaultConfig":
                return ProxyDefaultsReader.Apply(settings, value, findings);
            case "accessLogFile":
                if (value is YamlScalarNode) return settings with { AccessLogFile = Text(value) ?? "" };
                break;
            case "accessLogFormat":
                if (value is YamlScalarNode) return settings with { AccessLogFormat = Text(value) ?? "" };
                break;
            case "accessLogEncoding":
                if (Text(value) is "TEXT" or "JSON") return settings with { AccessLogJson = Text(value) == "JSON" };
                break;
            case "outboundTrafficPolicy":
                return OutboundTrafficPolicy(settings, value, findings);
            case "pathNormalization":
                return Normalization(settings, value, findings);
            case "rootNamespace":
                if (Text(value) is { Length: > 0 } root && DnsLabel(root)) return settings with { RootNamespace = root };
                break;
            case "defaultServiceExportTo":
                if (Namespaces(value) is { } services) return settings with { ServiceExportTo = services };
                break;
            case "defaultVirtualServiceExportTo":
                if (Namespaces(value) is { } rules) return settings with { VirtualServiceExportTo = rules };
                break;
            case "defaultDestinationRuleExportTo":
                if (Namespaces(value) is { } policies) return settings with { DestinationRuleExportTo = policies };
                break;
            case "protocolDetectionTimeout":
                return Detection(settings, value, findings);
            case "connectTimeout" or "h2UpgradePolicy" or "tcpKeepalive" or "localityLbSetting" or "defaultHttpRetryPolicy" or "defaultInboundHttpRetryPolicy":
                if (TrafficSettingsReader.Apply(settings, name, value) is { } applied) return applied;
                break;
            default:
                findings.Add(Problem(FindingCodes.FieldNotSupportedYet, name, null, "This version does not act on this field of MeshConfig."));
                return settings;
        }

        findings.Add(Problem(FindingCodes.SchemaValidationError, name, Text(value), "This is no value for the field; its default holds."));
        return settings;
    }

    // The encoding says what a format is, and may stand behind it.
    private static MeshWideSettings WithLogFormat(MeshWideSettings settings, List<Finding> findings)
    {
        if (settings.AccessLogFormat.Length == 0) return settings;
        if (LogFormat.Problem(settings.AccessLogFormat, settings.AccessLogJson) is not { } problem)
        {
            foreach (var name in LogFormat.Unknown(settings.AccessLogFormat, settings.AccessLogJson))
                findings.Add(Problem(FindingCodes.ValueNotSupportedYet, "accessLogFormat", name, "This operator has no value in this version: a dash, or null, stands for it."));
            return settings;
        }

        findings.Add(Problem(FindingCodes.SchemaValidationError, "accessLogFormat", settings.AccessLogFormat, $"No proxy can write this: {problem}; the default format holds."));
        return settings with { AccessLogFormat = "" };
    }

    // In Istio 0 waits for ever, which has servers that speak first hang.
    private static MeshWideSettings Detection(MeshWideSettings settings, YamlNode value, List<Finding> findings)
    {
        const string Name = "protocolDetectionTimeout";
        var time = Duration.Parse(Text(value) ?? "").Value;
        if (time > TimeSpan.Zero) return settings with { ProtocolDetectionTimeout = time };
        findings.Add(time == TimeSpan.Zero
            ? Problem(FindingCodes.ValueNotSupportedYet, Name, Text(value), "Waiting without end is not supported; the default, 300ms, holds.")
            : Problem(FindingCodes.SchemaValidationError, Name, Text(value), "This is no duration such as 100ms; the default, 300ms, holds."));
        return settings;
    }

    private static ValueArray<string>? Namespaces(YamlNode value) =>
        value is YamlSequenceNode list && list.Children.Select(Text).ToList() is { } names && names.All(name => name is "*" or "." or "~" || (name is { Length: > 0 } && DnsLabel(name)))
            ? (ValueArray<string>)[.. names.OfType<string>()] : null;

    private static bool DnsLabel(string text) =>
        text.Length <= 63 && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') && text[0] != '-' && text[^1] != '-';

    private static MeshWideSettings OutboundTrafficPolicy(MeshWideSettings settings, YamlNode value, List<Finding> findings)
    {
        if (value is not YamlMappingNode policy)
        {
            findings.Add(Problem(FindingCodes.SchemaValidationError, "outboundTrafficPolicy", Text(value), "An object with the field mode is expected; its default holds."));
            return settings;
        }

        foreach (var (key, field) in policy.Children)
        {
            var path = $"outboundTrafficPolicy.{Text(key)}";
            if (Text(key) == "mode" && Text(field) == "ALLOW_ANY") settings = settings with { UnknownDestinations = UnknownDestinations.AllowAny };
            else if (Text(key) == "mode" && Text(field) == "REGISTRY_ONLY") settings = settings with { UnknownDestinations = UnknownDestinations.RegistryOnly };
            else findings.Add(Problem(FindingCodes.ValueNotSupportedYet, path, Text(field), "Only mode ALLOW_ANY and mode REGISTRY_ONLY are known."));
        }

        return settings;
    }

    private static MeshWideSettings Normalization(MeshWideSettings settings, YamlNode value, List<Finding> findings)
    {
        var written = value is YamlMappingNode { Children.Count: 1 } map && map.Children.TryGetValue("normalization", out var field) ? Text(field) : null;
        PathNormalization? known = written switch
        {
            "DEFAULT" or "BASE" => PathNormalization.Base,
            "NONE" => PathNormalization.None,
            "MERGE_SLASHES" => PathNormalization.MergeSlashes,
            "DECODE_AND_MERGE_SLASHES" => PathNormalization.DecodeAndMergeSlashes,
            _ => null,
        };
        if (known is not null) return settings with { PathNormalization = known.Value };
        findings.Add(Problem(FindingCodes.SchemaValidationError, "pathNormalization", written, "An object with the field normalization is expected: NONE, BASE, MERGE_SLASHES or DECODE_AND_MERGE_SLASHES; BASE holds."));
        return settings;
    }

    private static IEnumerable<(string Name, YamlNode Value)> Fields(string yaml, List<Finding> findings)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(yaml));
        }
        catch (YamlException problem)
        {
            findings.Add(Problem(FindingCodes.UnreadableSpec, "", null, $"This is not YAML ({problem.Message}); all defaults hold."));
            return [];
        }

        if (stream.Documents.Count == 0) return [];
        if (stream.Documents[0].RootNode is YamlMappingNode root) return root.Children.Select(field => (Text(field.Key) ?? "", field.Value));
        if (stream.Documents[0].RootNode is not YamlScalarNode { Value: null or "" })
            findings.Add(Problem(FindingCodes.UnreadableSpec, "", null, "An object with the fields of MeshConfig is expected; all defaults hold."));
        return [];
    }

    internal static string? Text(YamlNode node) => (node as YamlScalarNode)?.Value;

    internal static Finding Problem(string code, string path, string? value, string message) => new()
    {
        Severity = code is FindingCodes.FieldNotSupportedYet or FindingCodes.SchemaWarning ? Severity.Warning : Severity.Error,
        Code = code,
        Resource = Resource,
        Path = path.Length == 0 ? $"data.{MeshNames.SettingsKey}" : $"data.{MeshNames.SettingsKey}.{path}",
        Value = value,
        Message = message,
        Remedy = code is FindingCodes.FieldNotSupportedYet ? "Leave it out until a version supports it." : "Correct it in the ConfigMap.",
    };
}
