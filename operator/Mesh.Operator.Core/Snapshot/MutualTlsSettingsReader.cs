using Mesh.Api;
using Mesh.Config;
using YamlDotNet.RepresentationModel;

namespace Mesh.Operator.Core.Snapshot;

/// <summary>The fields of MeshConfig that are about certificates and TLS between sidecars.</summary>
internal static class MutualTlsSettingsReader
{
    private static readonly TimeSpan ShortestLife = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan LongestLife = TimeSpan.FromDays(90);

    public static MeshWideSettings Mesh(MeshWideSettings settings, YamlNode value, List<Finding> findings)
    {
        foreach (var (name, field) in Fields("meshMTLS", value, findings))
        {
            var path = $"meshMTLS.{name}";
            if (name != "minProtocolVersion") findings.Add(NotYet(path));
            else if (Version(MeshWideSettingsReader.Text(field)) is { } version) settings = settings with { MinimumTlsVersion = version };
            else findings.Add(MeshWideSettingsReader.Problem(FindingCodes.SchemaValidationError, path, MeshWideSettingsReader.Text(field), "This is no version: TLSV1_2, TLSV1_3 or TLS_AUTO (which is TLSV1_2) is expected; TLSV1_2 holds."));
        }

        return settings;
    }

    /// <summary>How long certificates live: <c>SECRET_TTL</c> of the proxies' metadata.</summary>
    public static TimeSpan Life(string path, string text, List<Finding> findings)
    {
        if (Duration.Parse(text).Value is not { } written || written <= TimeSpan.Zero)
        {
            findings.Add(MeshWideSettingsReader.Problem(FindingCodes.SchemaValidationError, path, text, "This is no duration such as 24h or 30m; 24h holds."));
            return MeshWideSettings.Default.WorkloadCertificateLife;
        }

        var life = written < ShortestLife ? ShortestLife : written > LongestLife ? LongestLife : written;
        if (life != written)
            findings.Add(MeshWideSettingsReader.Problem(FindingCodes.SchemaWarning, path, text, $"Certificates live between one minute and 90 days; {(life == ShortestLife ? "1m" : "2160h")} holds."));
        return life;
    }

    private static TlsVersion? Version(string? text) => text switch
    {
        "TLSV1_2" or "TLS_AUTO" => TlsVersion.Tls12,
        "TLSV1_3" => TlsVersion.Tls13,
        _ => null,
    };

    private static IEnumerable<(string Name, YamlNode Value)> Fields(string path, YamlNode value, List<Finding> findings)
    {
        if (value is YamlMappingNode map) return map.Children.Select(field => (MeshWideSettingsReader.Text(field.Key) ?? "", field.Value));
        findings.Add(MeshWideSettingsReader.Problem(FindingCodes.SchemaValidationError, path, MeshWideSettingsReader.Text(value), "An object with fields is expected; the defaults hold."));
        return [];
    }

    private static Finding NotYet(string path) =>
        MeshWideSettingsReader.Problem(FindingCodes.FieldNotSupportedYet, path, null, "This version does not act on this field of MeshConfig.");
}
