using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Api;
using Mesh.Api.Networking;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Mesh.Operator.Core.Snapshot;

/// <summary>The fields of MeshConfig that hold where no rule of a user says otherwise: they look as in the rules themselves.</summary>
internal static class TrafficSettingsReader
{
    /// <summary>The settings with this field; null if it is none of these, or no value for it.</summary>
    public static MeshWideSettings? Apply(MeshWideSettings settings, string name, YamlNode value) => name switch
    {
        "connectTimeout" => Duration.Parse(MeshWideSettingsReader.Text(value) ?? "").Value is { } time && time > TimeSpan.Zero ? settings with { ConnectTimeout = time } : null,
        "h2UpgradePolicy" => MeshWideSettingsReader.Text(value) is "UPGRADE" or "DO_NOT_UPGRADE" ? settings with { UpgradesToHttp2 = MeshWideSettingsReader.Text(value) == "UPGRADE" } : null,
        "tcpKeepalive" => Read<TcpKeepalive>(value) is { } keepAlive ? settings with { TcpKeepalive = keepAlive.Value } : null,
        "localityLbSetting" => Read<LocalityLoadBalancerSetting>(value) is { } locality ? settings with { Locality = locality } : null,
        "defaultHttpRetryPolicy" => Read<HttpRetry>(value) is { } retries ? settings with { DefaultRetries = retries.Value } : null,
        "defaultInboundHttpRetryPolicy" => Read<HttpRetry>(value) is { } inbound ? settings with { InboundRetries = inbound.Value } : null,
        _ => null,
    };

    private static Written<T>? Read<T>(YamlNode value)
        where T : class
    {
        if (value is not YamlMappingNode || Json(value) is not { } json) return null;
        try
        {
            var text = json.ToJsonString();
            return JsonSerializer.Deserialize<T>(text, ApiJson.Options) is { } read ? new Written<T>(read, text) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonNode? Json(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(field => KeyValuePair.Create(MeshWideSettingsReader.Text(field.Key) ?? "", Json(field.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Json)]),
        YamlScalarNode { Style: ScalarStyle.Plain } scalar => Plain(scalar.Value ?? ""),
        YamlScalarNode scalar => JsonValue.Create(scalar.Value),
        _ => null,
    };

    private static JsonNode? Plain(string text) => text switch
    {
        "" or "~" or "null" => null,
        "true" or "false" => JsonValue.Create(text == "true"),
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => JsonValue.Create(whole),
        _ when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
        _ => JsonValue.Create(text),
    };
}
