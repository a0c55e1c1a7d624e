using System.Text.Json;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Selection;

namespace Mesh.Local.ApiServer.Admission;

/// <summary>Which calls a webhook or a policy is about: selectors of namespace and object, rules, and rules that except.</summary>
/// <param name="json">What holds them.</param>
/// <param name="rules">The member with the rules: policies call it otherwise than webhooks.</param>
/// <param name="everythingWithoutRules">No rule at all means every call (bindings) instead of none.</param>
internal sealed class AdmissionMatch(JsonElement json, string rules, bool everythingWithoutRules = false)
{
    private readonly LabelSelector namespaces = LabelSelector.FromObject(json.At("namespaceSelector"));
    private readonly LabelSelector objects = LabelSelector.FromObject(json.At("objectSelector"));

    /// <summary>The version the object is to be shown in; null when this is not about the call.</summary>
    public string? VersionFor(AdmissionCall call, JsonElement? ns)
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
        if (VersionByRules(call, "excludeResourceRules") is not null)
            return null;
        return everythingWithoutRules && json.Count(rules) == 0 ? call.Write.Version.Name : VersionByRules(call, rules);
    }

    private string? VersionByRules(AdmissionCall call, string list)
    {
        if (json.Count(list) == 0)
            return null;
        if (RuleFor(list, call, call.Write.Version.Name))
            return call.Write.Version.Name;
        if (json.Text("matchPolicy") == "Exact")
            return null;
        return call.Write.Resource.Versions.Where(version => version.Served).Select(version => version.Name).FirstOrDefault(version => RuleFor(list, call, version));
    }

    private bool RuleFor(string list, AdmissionCall call, string version) => json.Items(list).Any(rule =>
        Names(rule, "operations", call.Operation)
        && Names(rule, "apiGroups", call.Write.Resource.Group)
        && Names(rule, "apiVersions", version)
        && rule.Items("resources").Any(pattern => Covers(pattern.GetString() ?? "", call.Write.Resource.Plural, call.Write.Subresource))
        && (rule.Count("resourceNames") == 0 || rule.Items("resourceNames").Any(name => name.GetString() == call.Name))
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
