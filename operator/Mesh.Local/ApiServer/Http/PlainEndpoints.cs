using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Certificates;
using Mesh.Local.ApiServer.Resources;
using Microsoft.AspNetCore.Http;

namespace Mesh.Local.ApiServer.Http;

/// <summary>What needs no kind and no rights: version, health, and the keys tokens are signed with.</summary>
internal sealed class PlainEndpoints(ServiceAccountTokens tokens)
{
    /// <summary>The Kubernetes release whose behaviour is kept.</summary>
    private static readonly JsonObject Version = new()
    {
        ["major"] = "1",
        ["minor"] = "36",
        ["emulationMajor"] = "1",
        ["emulationMinor"] = "36",
        ["minCompatibilityMajor"] = "1",
        ["minCompatibilityMinor"] = "35",
        ["gitVersion"] = "v1.36.2+mesh",
        ["gitCommit"] = "",
        ["gitTreeState"] = "clean",
        ["buildDate"] = "1970-01-01T00:00:00Z",
        ["goVersion"] = "none",
        ["compiler"] = "roslyn",
        ["platform"] = "linux/" + (System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64"),
    };

    public async Task<bool> TryAnswerAsync(HttpContext context, string[] parts)
    {
        switch (parts)
        {
            case ["version"]:
                await Answers.WriteAsync(context, 200, Version.DeepClone());
                return true;
            case ["healthz" or "livez" or "readyz", ..]:
                await Answers.WriteTextAsync(context, 200, context.Request.Query.ContainsKey("verbose") ? "[+]ping ok\n" + parts[0] + " check passed\n" : "ok");
                return true;
            case ["openid", "v1", "jwks"] when !TakesKeySet(context):
                throw new StatusException(406, "NotAcceptable", "406: Not Acceptable\n\nAvailable representations: application/jwk-set+json", []);
            case ["openid", "v1", "jwks"]:
                await Answers.WriteAsync(context, 200, tokens.KeySet(), "application/jwk-set+json");
                return true;
            case [".well-known", "openid-configuration"]:
                await Answers.WriteAsync(context, 200, new JsonObject
                {
                    ["issuer"] = ServiceAccountTokens.Issuer,
                    ["jwks_uri"] = $"https://{context.Request.Host}/openid/v1/jwks",
                    ["response_types_supported"] = new JsonArray("id_token"),
                    ["subject_types_supported"] = new JsonArray("public"),
                    ["id_token_signing_alg_values_supported"] = new JsonArray("ES256"),
                });
                return true;
            default:
                return false;
        }
    }

    private static bool TakesKeySet(HttpContext context)
    {
        var accept = context.Request.Headers.Accept.ToString();
        return accept.Length == 0 || accept.Split(',').Any(one => one.Split(';')[0].Trim() is "*/*" or "application/*" or "application/jwk-set+json");
    }

    public JsonArray Paths(ResourceCatalog catalog)
    {
        var paths = new List<string> { "/.well-known/openid-configuration", "/api", "/api/v1", "/apis", "/apis/" };
        foreach (var group in catalog.Groups.Where(group => group.Length > 0))
        {
            paths.Add("/apis/" + group);
            paths.AddRange(catalog.VersionsOf(group).Select(version => $"/apis/{group}/{version}"));
        }

        paths.AddRange(["/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/openapi/v3/", "/openid/v1/jwks", "/readyz", "/version"]);
        paths.Sort(StringComparer.Ordinal);
        return new JsonArray([.. paths.Select(path => (JsonNode)path)]);
    }
}
