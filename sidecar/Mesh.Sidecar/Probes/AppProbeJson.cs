using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mesh.Sidecar.Probes;

/// <summary>JSON of <c>MESH_APP_PROBES</c>: an object from path to probe, in Kubernetes' words.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(Dictionary<string, AppProbe>))]
internal sealed partial class AppProbeJson : JsonSerializerContext
{
    /// <exception cref="JsonException">It is something else.</exception>
    public static Dictionary<string, AppProbe> Read(string text)
    {
        if (text.Length == 0) return [];
        var probes = JsonSerializer.Deserialize(text, Default.DictionaryStringAppProbe) ?? [];
        foreach (var (path, probe) in probes)
        {
            var kinds = (probe?.HttpGet is null ? 0 : 1) + (probe?.TcpSocket is null ? 0 : 1) + (probe?.Grpc is null ? 0 : 1);
            if (kinds != 1) throw new JsonException($"{path}: one of httpGet, tcpSocket and grpc is expected, not {kinds}");
        }

        return probes;
    }
}
