using System.Text.Json;

namespace Mesh.Sidecar.Scraping;

// The application's metrics beside the sidecar's own. What enters: one scrape of 15020 by somebody who has no certificate, so
// that STRICT would refuse it at the application's own port. What leaves: one answer that holds both, in a format that reads.
// What never happens here: an application that is down, slow or writes nonsense and so costs the sidecar's metrics.

/// <summary>Where the application says its metrics are: <c>MESH_APP_METRICS</c>, which injection makes of <c>prometheus.io</c> annotations.</summary>
public sealed record AppScrape
{
    public required int Port { get; init; }

    public required string Path { get; init; }

    /// <summary>http or https; a certificate is not verified, since nothing leaves the pod.</summary>
    public string Scheme { get; init; } = "http";

    /// <exception cref="JsonException">It is something else.</exception>
    public static AppScrape? Read(string text)
    {
        if (text.Length == 0) return null;
        var scrape = JsonSerializer.Deserialize(text, AppScrapeJson.Default.AppScrape) ?? throw new JsonException("null");
        if (scrape.Port is < 1 or > 65535) throw new JsonException($"port: {scrape.Port} is no port");
        if (!scrape.Path.StartsWith('/')) throw new JsonException($"path: \"{scrape.Path}\" does not begin with /");
        if (scrape.Scheme is not ("http" or "https")) throw new JsonException($"scheme: \"{scrape.Scheme}\" is neither http nor https");
        return scrape;
    }
}
