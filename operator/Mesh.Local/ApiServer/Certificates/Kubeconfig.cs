using System.Text;
using System.Text.Json.Nodes;

namespace Mesh.Local.ApiServer.Certificates;

/// <summary>A kubeconfig for one server and one user, written as JSON, which every reader of YAML takes.</summary>
internal static class Kubeconfig
{
    public static string Write(string cluster, Uri server, string authorityPem, JsonObject credentials, string ns)
    {
        var config = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Config",
            ["clusters"] = new JsonArray(new JsonObject
            {
                ["name"] = cluster,
                ["cluster"] = new JsonObject
                {
                    ["server"] = server.ToString().TrimEnd('/'),
                    ["certificate-authority-data"] = Encode(authorityPem),
                },
            }),
            ["users"] = new JsonArray(new JsonObject { ["name"] = cluster, ["user"] = credentials }),
            ["contexts"] = new JsonArray(new JsonObject
            {
                ["name"] = cluster,
                ["context"] = new JsonObject { ["cluster"] = cluster, ["user"] = cluster, ["namespace"] = ns },
            }),
            ["current-context"] = cluster,
        };
        return config.ToJsonString(new System.Text.Json.JsonSerializerOptions { WriteIndented = true }) + "\n";
    }

    public static string Encode(string pem) => Convert.ToBase64String(Encoding.UTF8.GetBytes(pem));
}
