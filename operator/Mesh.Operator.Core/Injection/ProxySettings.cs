using System.Collections.Immutable;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Mesh.Operator.Core.Injection;

/// <summary>A pod's own ProxyConfig (annotation <c>proxy.istio.io/config</c>): what we act on, and what to say of the rest.</summary>
internal sealed record ProxySettings
{
    public const string Annotation = "proxy.istio.io/config";

    /// <summary>Istio's name for the switch of DNS capture, in an annotation's and in MeshConfig's proxyMetadata.</summary>
    public const string DnsCaptureName = "ISTIO_META_DNS_CAPTURE";

    /// <summary>Names have addresses anyhow, so that to ask for it is to ask for what is.</summary>
    public const string AutoAllocateName = "ISTIO_META_DNS_AUTO_ALLOCATE";

    /// <summary>Whether DNS is captured; <c>null</c>: as the mesh says.</summary>
    public bool? DnsCapture { get; init; }

    public ImmutableArray<string> Problems { get; init; } = [];

    public ImmutableArray<string> Warnings { get; init; } = [];

    public static ProxySettings Read(string yaml)
    {
        var settings = new ProxySettings();
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(yaml));
            if (stream.Documents.Count == 0) return settings;
            return stream.Documents[0].RootNode is YamlMappingNode map
                ? map.Children.Aggregate(settings, (read, field) => read.Apply(Text(field.Key) ?? "", field.Value))
                : settings.Problem("", "an object with fields is expected, such as {proxyMetadata: {…}}");
        }
        catch (YamlException e)
        {
            return settings.Problem("", $"this is no YAML: {e.Message}");
        }
    }

    private ProxySettings Apply(string name, YamlNode value)
    {
        if (name != "proxyMetadata") return Warn(name);
        if (value is not YamlMappingNode map) return Problem(name, "an object with fields is expected");
        var read = this;
        foreach (var (key, entry) in map.Children)
        {
            var path = $"{name}.{Text(key)}";
            read = (Text(key), Text(entry)) switch
            {
                (DnsCaptureName, "true") => read with { DnsCapture = true },
                (DnsCaptureName, "false" or "") => read with { DnsCapture = false },
                (DnsCaptureName, var text) => read.Problem(path, $"\"{text}\" is neither \"true\" nor \"false\""),
                (AutoAllocateName, "true") => read,
                _ => read.Warn(path),
            };
        }

        return read;
    }

    private ProxySettings Problem(string path, string message) =>
        this with { Problems = Problems.Add($"metadata.annotations[{Annotation}]{(path.Length == 0 ? "" : "." + path)}: {message}.") };

    private ProxySettings Warn(string path) =>
        this with { Warnings = Warnings.Add($"metadata.annotations[{Annotation}].{path}: this version of Mesh does not act on it; the sidecar runs with its default.") };

    private static string? Text(YamlNode node) => (node as YamlScalarNode)?.Value;
}
