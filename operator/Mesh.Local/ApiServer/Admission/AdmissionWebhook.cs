using System.Collections.Immutable;
using System.Text.Json;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Admission;

/// <summary>One webhook of a configuration, as stored; which writes it wants to see.</summary>
internal sealed class AdmissionWebhook(JsonElement json)
{
    private readonly AdmissionMatch match = new(json, "rules");

    public string Name { get; } = json.Text("name") ?? "";

    public JsonElement ClientConfig { get; } = json.At("clientConfig") ?? default;

    public bool IgnoresFailure { get; } = json.Text("failurePolicy") == "Ignore";

    public bool WantsReinvocation { get; } = json.Text("reinvocationPolicy") == "IfNeeded";

    public int TimeoutSeconds { get; } = (int)(json.Integer("timeoutSeconds") ?? 10);

    public bool HasSideEffects { get; } = json.Text("sideEffects") is not ("None" or "NoneOnDryRun");

    public ImmutableArray<string> Conditions { get; } = MatchConditions.Of(json);

    /// <summary>The version the object is to be shown in; null when this webhook does not want the call.</summary>
    public string? Matches(AdmissionCall call, JsonElement? ns) => match.VersionFor(call, ns);
}
