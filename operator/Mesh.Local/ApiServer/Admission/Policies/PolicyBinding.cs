using System.Text.Json;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Storage;

namespace Mesh.Local.ApiServer.Admission.Policies;

/// <summary>A ValidatingAdmissionPolicyBinding as stored: where a policy counts, with which parameters, and what comes of a denial.</summary>
internal sealed class PolicyBinding(StoredObject stored)
{
    private readonly AdmissionMatch? match = stored.Json.At("spec", "matchResources") is { } resources ? new(resources, "resourceRules", everythingWithoutRules: true) : null;

    public string Name => stored.Name;

    public string PolicyName { get; } = stored.Json.Text("spec", "policyName") ?? "";

    public JsonElement? ParamRef { get; } = stored.Json.At("spec", "paramRef");

    public bool Denies { get; } = Has(stored, "Deny");

    public bool Warns { get; } = Has(stored, "Warn");

    public bool Matches(AdmissionCall call, JsonElement? ns) => match is null || match.VersionFor(call, ns) is not null;

    private static bool Has(StoredObject stored, string action) => stored.Json.Items("spec", "validationActions").Any(one => one.GetString() == action);
}
