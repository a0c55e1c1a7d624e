using Mesh.Api;
using Mesh.Api.Validation;
using Mesh.Operator.Core.Injection;
using YamlDotNet.RepresentationModel;

namespace Mesh.Operator.Core.Snapshot;

/// <summary>
/// MeshConfig's <c>defaultConfig</c>: what holds for sidecars whose pod does not say otherwise. How they are started is read
/// when a pod is made; the drain duration, capture of DNS aside, is told to those that run.
/// </summary>
internal static class ProxyDefaultsReader
{
    private const string Path = "defaultConfig";

    // The operator's business, not a variable of sidecars.
    private const string CertificateLife = "SECRET_TTL";

    public static MeshWideSettings Apply(MeshWideSettings settings, YamlNode value, List<Finding> findings)
    {
        if (value is not YamlMappingNode fields)
        {
            findings.Add(MeshWideSettingsReader.Problem(FindingCodes.SchemaValidationError, Path, MeshWideSettingsReader.Text(value), "An object with fields is expected; the defaults hold."));
            return settings;
        }

        var read = ProxySettings.Read(fields);
        foreach (var (path, text, message) in read.Problems)
            findings.Add(MeshWideSettingsReader.Problem(FindingCodes.SchemaValidationError, $"{Path}.{path}", text, $"{Sentence(message)}; the default holds."));
        foreach (var (path, text, message) in read.Unused.Where(unused => unused.Path != $"proxyMetadata.{CertificateLife}"))
            findings.Add(MeshWideSettingsReader.Problem(FindingCodes.FieldNotSupportedYet, $"{Path}.{path}", text, $"{Sentence(message)}."));

        var variables = read.Start.Variables;
        if (variables.TryGetValue(CertificateLife, out var life))
            settings = settings with { WorkloadCertificateLife = MutualTlsSettingsReader.Life($"{Path}.proxyMetadata.{CertificateLife}", life, findings) };
        return settings with
        {
            DnsCapture = read.Start.DnsCapture ?? settings.DnsCapture,
            DrainDuration = read.Start.TerminationDrain ?? settings.DrainDuration,
            ProxyStart = read.Start with { TerminationDrain = null, Variables = variables.RemoveRange([CertificateLife, ProxyVariables.DnsCapture, ProxyVariables.AutoAllocate]) },
        };
    }

    private static string Sentence(string message) => char.ToUpperInvariant(message[0]) + message[1..];
}
