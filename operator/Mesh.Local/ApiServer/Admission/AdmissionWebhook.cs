using System.Collections.Immutable;
using System.Text.Json;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Selection;

namespace Mesh.Local.ApiServer.Admission;

/// <summary>One webhook of a configuration, as stored; which writes it wants to see.</summary>
internal sealed class AdmissionWebhook(JsonElement json)
{
    private readonly LabelSelector namespaces = LabelSelector.FromObject(json.At("namespaceSelector"));
    private readonly LabelSelector objects = LabelSelector.FromObject(json.At("objectSelector"));

    public string Name { get; } = json.Text("name") ?? "";

    public JsonElement ClientConfig { get; } = json.At("clientConfig") ?? default;

    public bool IgnoresFailure { get; } = json.Text("failurePolicy") == "Ignore";

    public bool WantsReinvocation { get; } = json.Text("reinvocationPolicy") == "IfNeeded";

    public int TimeoutSeconds { get; } = (int)(json.Integer("timeoutSeconds") ?? 10);

    public bool HasSideEffects { get; } = json.Text("sideEffects") is not ("None" or "NoneOnDryRun");

    public ImmutableArray<(string Name, string Expression)> Conditions { get; } =
        [.. json.Items("matchConditions").Select(one => (one.Text("name") ?? "", one.Text("expression") ?? ""))];

    /// <summary>The version the object is to be shown in; null when this webhook does not want the call.</summary>
    public string? Matches(AdmissionCall call, JsonElement? ns)
    {
        var resource = call.Write.Resource;
        if (resource.Namespaced || resource is { Group: "", Kind: "Namespace" })
        {
            var labels = resource.Namespaced ? ns : call.Object?.ToElement() ?? call.Old?.Json;
            if (!namespaces.IsEmpty && !(labels is { } found && namespaces.Matches(found)))
                return null;
        }

        if (!objects.IsEmpty && !Labels(call).Any(objects.Matches))
            return null;
        if (RuleFor(call, call.Write.Version.Name))
            return call.Write.Version.Name;
        if (json.Text("matchPolicy") == "Exact")
            return null;
        return resource.Versions.Where(version => version.Served).Select(version => version.Name).FirstOrDefault(version => RuleFor(call, version));
    }

    private bool RuleFor(AdmissionCall call, string version) => json.Items("rules").Any(rule =>
        Names(rule, "operations", call.Operation)
        && Names(rule, "apiGroups", call.Write.Resource.Group)
        && Names(rule, "apiVersions", version)
        && rule.Items("resources").Any(pattern => Covers(pattern.GetString() ?? "", call.Write.Resource.Plural, call.Write.Subresource))
        && rule.Text("scope") switch
        {
            "Namespaced" => call.Write.Resource.Namespaced,
            "Cluster" => !call.Write.Resource.Namespaced,
            _ => true,
        });

    private static bool Names(JsonElement rule, string list, string value) =>
        rule.Items(list).Any(item => item.GetString() is var text && (text == "*" || text == value));

    private static bool Covers(string pattern, string plural, string subresource)
    {
        var parts = pattern.Split('/', 2);
        var wanted = parts.Length > 1 ? parts[1] : "";
        return (parts[0] == "*" || parts[0] == plural) && (wanted == subresource || (wanted == "*" && parts.Length > 1));
    }

    private static IEnumerable<JsonElement> Labels(AdmissionCall call)
    {
        if (call.Object is { } now)
            yield return now.ToElement();
        if (call.Old is { } old)
            yield return old.Json;
    }
}
