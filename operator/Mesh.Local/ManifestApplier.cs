using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mesh.Local;

/// <summary>
/// Puts manifests into the API as `kubectl apply` would: created, or merged into what is there, with the annotation by
/// which a later `kubectl apply` knows what was written. Where a kind lives is asked of the server.
/// </summary>
public sealed class ManifestApplier(HttpClient http, Uri server)
{
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";
    private readonly Dictionary<string, JsonArray> _resources = [];

    /// <exception cref="ManifestException">The server refused; its own words are in the message.</exception>
    public async Task ApplyAsync(Manifest manifest, CancellationToken cancellation)
    {
        var resource = await FindAsync(manifest, cancellation);
        var collection = CollectionPath(manifest, resource);
        var body = (JsonObject)manifest.Content.DeepClone();
        var metadata = (JsonObject)body["metadata"]!;
        if (IsNamespaced(resource)) metadata["namespace"] ??= manifest.Namespace ?? "default";
        var written = body.ToJsonString() + "\n";
        if (metadata["annotations"] is not JsonObject annotations) metadata["annotations"] = annotations = [];
        annotations[LastApplied] = written;
        using var created = await SendAsync(HttpMethod.Post, collection, body, "application/json", cancellation);
        if (created.StatusCode != HttpStatusCode.Conflict)
        {
            await RequireAsync(created, manifest, cancellation);
            return;
        }

        using var merged = await SendAsync(HttpMethod.Patch, $"{collection}/{Uri.EscapeDataString(manifest.Name)}", body, "application/merge-patch+json", cancellation);
        await RequireAsync(merged, manifest, cancellation);
    }

    private async Task<JsonObject> FindAsync(Manifest manifest, CancellationToken cancellation)
    {
        var path = manifest.ApiVersion.Contains('/') ? $"apis/{manifest.ApiVersion}" : $"api/{manifest.ApiVersion}";
        // A definition applied a moment ago may not be served yet.
        for (var attempt = 0; ; attempt++)
        {
            if (!_resources.TryGetValue(path, out var known))
            {
                using var answer = await http.GetAsync(new Uri(server, path), cancellation);
                known = answer.IsSuccessStatusCode ? (JsonArray)JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellation))!["resources"]! : [];
            }

            if (known.OfType<JsonObject>().FirstOrDefault(r => r["kind"]!.GetValue<string>() == manifest.Kind && !r["name"]!.GetValue<string>().Contains('/')) is { } found)
            {
                _resources[path] = known;
                return found;
            }

            _resources.Remove(path);
            if (attempt == 20) throw new ManifestException($"{manifest.Source}: the API has no kind {manifest.Kind} in {manifest.ApiVersion}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), cancellation);
        }
    }

    private static string CollectionPath(Manifest manifest, JsonObject resource)
    {
        var root = manifest.ApiVersion.Contains('/') ? $"apis/{manifest.ApiVersion}" : $"api/{manifest.ApiVersion}";
        var plural = resource["name"]!.GetValue<string>();
        return IsNamespaced(resource) ? $"{root}/namespaces/{Uri.EscapeDataString(manifest.Namespace ?? "default")}/{plural}" : $"{root}/{plural}";
    }

    private static bool IsNamespaced(JsonObject resource) => resource["namespaced"]?.GetValue<bool>() == true;

    private Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, JsonObject body, string type, CancellationToken cancellation) =>
        http.SendAsync(new HttpRequestMessage(method, new Uri(server, path + "?fieldManager=mesh-up"))
        {
            Content = new StringContent(body.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue(type)),
        }, cancellation);

    private static async Task RequireAsync(HttpResponseMessage answer, Manifest manifest, CancellationToken cancellation)
    {
        if (answer.IsSuccessStatusCode) return;
        var text = await answer.Content.ReadAsStringAsync(cancellation);
        throw new ManifestException($"{manifest.Source}: {manifest}: {Message(text)}");
    }

    private static string Message(string text)
    {
        try
        {
            return JsonNode.Parse(text)?["message"]?.GetValue<string>() ?? text;
        }
        catch (JsonException)
        {
            return text;
        }
    }
}
