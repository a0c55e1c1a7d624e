using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mesh.Operator.Core.Injection;

/// <summary>What the injector puts into every pod.</summary>
public sealed record InjectionSettings
{
    public string InitImage { get; init; } = "mesh/init";

    public string SidecarImage { get; init; } = "mesh/sidecar";

    /// <summary>Null leaves it to Kubernetes (Always for <c>:latest</c>, else IfNotPresent).</summary>
    public string? ImagePullPolicy { get; init; }

    /// <summary>DNS queries are captured where a pod does not say otherwise.</summary>
    public bool DnsCapture { get; init; } = true;

    /// <summary>How sidecars are started where a pod's annotation does not say otherwise.</summary>
    public ProxyStart Start { get; init; } = ProxyStart.None;

    /// <summary>How this pod's is started whatever its annotation says: a ProxyConfig that selects it.</summary>
    [JsonIgnore]
    public ProxyStart Selected { get; init; } = ProxyStart.None;

    /// <summary>Istio's sidecars trust this mesh's root, so they may speak mutual TLS to the pod.</summary>
    public bool SharesRoot { get; init; }

    public string LogLevel { get; init; } = "info";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>As an operator publishes them, for commands that do its work on files.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <exception cref="JsonException">This was not written by an operator.</exception>
    public static InjectionSettings FromJson(string text) => JsonSerializer.Deserialize<InjectionSettings>(text, Json) ?? throw new JsonException("null");
}
