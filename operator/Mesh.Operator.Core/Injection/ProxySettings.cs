using System.Collections.Immutable;
using System.Globalization;
using Mesh.Api;
using Mesh.Api.Validation;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Mesh.Operator.Core.Injection;

/// <summary>
/// Istio's ProxyConfig as text, the mesh's (<c>defaultConfig</c>) or a pod's own (annotation <c>proxy.istio.io/config</c>): what
/// we act on, and what to say of the rest.
/// </summary>
internal sealed record ProxySettings
{
    public const string Annotation = "proxy.istio.io/config";

    private const string NoHotRestart = "a sidecar is not restarted while it serves: a new config takes effect at once and ends no connection";

    /// <summary>What it says of how the sidecar is started.</summary>
    public ProxyStart Start { get; init; } = ProxyStart.None;

    /// <summary>Values that cannot be read, by their fields.</summary>
    public ImmutableArray<(string Path, string? Value, string Message)> Problems { get; init; } = [];

    /// <summary>What is not acted on, by field, and what happens instead.</summary>
    public ImmutableArray<(string Path, string? Value, string Message)> Unused { get; init; } = [];

    public static ProxySettings Read(string yaml)
    {
        var settings = new ProxySettings();
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(yaml));
            if (stream.Documents.Count == 0) return settings;
            return stream.Documents[0].RootNode is YamlMappingNode map
                ? Read(map)
                : settings.Problem("", null, "an object with fields is expected, such as {proxyMetadata: {…}}");
        }
        catch (YamlException e)
        {
            return settings.Problem("", null, $"this is no YAML: {e.Message}");
        }
    }

    public static ProxySettings Read(YamlMappingNode fields) => fields.Children.Aggregate(new ProxySettings(), (read, field) => read.Apply(Text(field.Key) ?? "", field.Value));

    private ProxySettings Apply(string name, YamlNode value) => (name, Text(value)) switch
    {
        ("proxyMetadata", _) => Variables(name, value),
        ("concurrency", var text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var threads)
            ? this with { Start = Start with { Concurrency = threads } }
            : Problem(name, text, $"\"{text}\" is no number of threads; write 0 for as many as the CPU limit allows"),
        ("terminationDrainDuration", var text) => Duration.Parse(text ?? "").Value is { } drain && drain >= TimeSpan.Zero
            ? this with { Start = Start with { TerminationDrain = drain } }
            : Problem(name, text, $"\"{text}\" is no duration such as 5s"),
        ("image", _) => Image(value),
        // What is so whether it is asked for or not.
        ("holdApplicationUntilProxyStarts", "true") or ("statusPort", "15020") or ("proxyAdminPort", "15000") or ("interceptionMode", "REDIRECT") => this,
        ("holdApplicationUntilProxyStarts", "false") => Without(name, "false", "applications always start after their sidecar, so that they have the network"),
        ("statusPort", var port) => Without(name, port, "the operator and Prometheus ask sidecars at port 15020"),
        ("drainDuration", var time) => Without(name, time, NoHotRestart),
        _ => Without(name, Text(value), "this version of Mesh does not act on it; the sidecar runs with its default"),
    };

    private ProxySettings Variables(string name, YamlNode value)
    {
        if (value is not YamlMappingNode map) return Problem(name, Text(value), "an object with fields is expected");
        var read = this;
        foreach (var (key, entry) in map.Children)
        {
            var (variable, text) = (Text(key) ?? "", Text(entry) ?? "");
            var path = $"{name}.{variable}";
            if (ProxyVariables.Problem(variable, text) is { } problem)
            {
                read = read.Problem(path, text, problem);
                continue;
            }

            read = read with { Start = read.Start with { Variables = read.Start.Variables.SetItem(variable, text) } };
            if (!ProxyVariables.Acts(variable, text)) read = read.Without(path, text, "it goes into the sidecar's environment, where nothing reads it");
        }

        return read;
    }

    private ProxySettings Image(YamlNode value)
    {
        if (value is not YamlMappingNode map) return Problem("image", Text(value), "an object with the field imageType is expected");
        return map.Children.Where(field => (Text(field.Key), Text(field.Value)) is not ("imageType", "default" or "distroless"))
            .Aggregate(this, (read, field) => read.Without($"image.{Text(field.Key)}", Text(field.Value), "there is one image for sidecars, and they are started from that"));
    }

    private ProxySettings Problem(string path, string? value, string message) => this with { Problems = Problems.Add((path, value, message)) };

    private ProxySettings Without(string path, string? value, string message) => this with { Unused = Unused.Add((path, value, message)) };

    private static string? Text(YamlNode node) => (node as YamlScalarNode)?.Value;
}
