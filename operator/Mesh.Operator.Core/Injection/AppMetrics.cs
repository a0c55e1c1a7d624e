using System.Globalization;
using System.Text.Json;
using k8s.Models;
using Mesh.Config;

namespace Mesh.Operator.Core.Injection;

/// <summary>
/// Turns the pod's <c>prometheus.io</c> annotations to the sidecar, which answers for itself and the application: a scraper has no
/// certificate, so a port that takes mutual TLS only would refuse it. What the author wrote goes to the sidecar in one
/// environment variable, and from there comes back when a pod is injected again.
/// </summary>
internal sealed record AppMetrics
{
    /// <summary>The sidecar's environment variable: a JSON object with port, path and scheme.</summary>
    public const string Variable = "MESH_APP_METRICS";

    /// <summary>Istio's annotation that turns it off for a pod.</summary>
    public const string Merge = "prometheus.istio.io/merge-metrics";

    private const string Scrape = "prometheus.io/scrape";
    private const string PortName = "prometheus.io/port";
    private const string PathName = "prometheus.io/path";
    private const string SchemeName = "prometheus.io/scheme";
    private const string OwnPath = "/stats/prometheus";

    private static readonly string[] Names = [Scrape, PortName, PathName, SchemeName];

    private static readonly string OwnPort = WellKnown.StatusPort.ToString(CultureInfo.InvariantCulture);

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>As Istio has it where a pod names none.</summary>
    public int Port { get; init; } = 80;

    /// <summary>With a query, if the author wrote one.</summary>
    public string Path { get; init; } = "/metrics";

    /// <summary>http or https.</summary>
    public string Scheme { get; init; } = "http";

    /// <summary>Rewrites the annotations in place, or gives back what an earlier injection took; call it before an earlier sidecar is taken out.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="merges">Whether metrics are merged for it.</param>
    /// <returns>Value of <see cref="Variable"/>, null: there is nothing to ask the application; and what is to be told.</returns>
    public static (string? Value, string[] Warnings) Rewrite(V1Pod pod, bool merges)
    {
        var written = new Dictionary<string, string>(pod.Metadata.Annotations ?? new Dictionary<string, string>());
        if (Find(written, Scrape) is "false" or "False" or "FALSE" or "f" or "F" or "0") return (null, []);
        if (Find(written, PortName) == OwnPort && Find(written, PathName) == OwnPath) Restore(written, Known(pod));
        var (read, problem) = Read(written);
        if (!merges || problem is not null)
        {
            pod.Metadata.Annotations = written;
            return (null, merges ? [problem!] : []);
        }

        // In place, so that what is injected again keeps its order too.
        var annotations = pod.Metadata.Annotations ??= written;
        Clear(annotations, [Scrape, PortName, PathName]);
        annotations[Scrape] = "true";
        annotations[PortName] = OwnPort;
        annotations[PathName] = OwnPath;
        // Kubernetes would expand $(NAME) within a value of an environment variable.
        return (read is null ? null : JsonSerializer.Serialize(read, Json).Replace("$", "\\u0024", StringComparison.Ordinal), []);
    }

    private static (AppMetrics? Read, string? Problem) Read(IDictionary<string, string> annotations)
    {
        var (port, path, scheme) = (Find(annotations, PortName), Find(annotations, PathName), Find(annotations, SchemeName));
        if (port is null && path is null && scheme is null && Find(annotations, Scrape) is null) return (null, null);
        var read = new AppMetrics();
        if (port is not null)
        {
            if (!ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0) return (null, Left(PortName, port, "is no port", "Write its number, such as 8080"));
            // The author means the sidecar's own metrics.
            if (number == WellKnown.StatusPort) return (null, null);
            read = read with { Port = number };
        }

        if (path is { Length: > 0 }) read = read with { Path = path[0] == '/' ? path : "/" + path };
        if (!Uri.TryCreate("http://127.0.0.1" + read.Path, UriKind.Absolute, out _)) return (null, Left(PathName, path!, "is no path", "Write one such as /metrics"));
        if (scheme is { Length: > 0 }) read = read with { Scheme = scheme.ToLowerInvariant() };
        return read.Scheme is "http" or "https" ? (read, null) : (null, Left(SchemeName, scheme!, "is neither http nor https", "Write one of them"));
    }

    private static string Left(string name, string value, string what, string remedy) =>
        $"metadata.annotations[{name}]: \"{value}\" {what}, so the application's metrics are not served with the sidecar's, and the annotations are left as they are. {remedy}.";

    private static AppMetrics? Known(V1Pod pod)
    {
        var value = pod.Spec.InitContainers?.FirstOrDefault(container => container.Name == InjectedContainers.ProxyName)?.Env?.FirstOrDefault(variable => variable.Name == Variable)?.Value;
        try
        {
            return string.IsNullOrEmpty(value) ? null : JsonSerializer.Deserialize<AppMetrics>(value, Json);
        }
        catch (JsonException)
        {
            return null; // nobody of ours wrote it
        }
    }

    private static void Restore(IDictionary<string, string> annotations, AppMetrics? known)
    {
        Clear(annotations, []);
        if (known is null) return;
        annotations[Scrape] = "true";
        annotations[PortName] = known.Port.ToString(CultureInfo.InvariantCulture);
        annotations[PathName] = known.Path;
        if (known.Scheme != "http") annotations[SchemeName] = known.Scheme;
    }

    // Prometheus reads any of prometheus.io/port, prometheus.io.port and prometheus_io_port, and picks one if there are several.
    private static string? Find(IDictionary<string, string> annotations, string name) =>
        annotations.TryGetValue(name, out var value) ? value : annotations.Where(one => IsSame(one.Key, name)).Select(one => one.Value).FirstOrDefault();

    private static void Clear(IDictionary<string, string> annotations, string[] but)
    {
        foreach (var key in annotations.Keys.Where(key => Names.Any(name => IsSame(key, name)) && !but.Contains(key)).ToList()) annotations.Remove(key);
    }

    private static bool IsSame(string key, string name) =>
        key.Length == name.Length && key.Zip(name).All(pair => pair.First == pair.Second || (!char.IsAsciiLetterOrDigit(pair.First) && !char.IsAsciiLetterOrDigit(pair.Second)));
}
