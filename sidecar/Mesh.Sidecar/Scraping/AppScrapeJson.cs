using System.Text.Json.Serialization;

namespace Mesh.Sidecar.Scraping;

/// <summary>JSON of <c>MESH_APP_METRICS</c>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(AppScrape))]
internal sealed partial class AppScrapeJson : JsonSerializerContext;
