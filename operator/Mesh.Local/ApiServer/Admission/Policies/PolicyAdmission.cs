using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Schema.Cel;
using Mesh.Local.ApiServer.Storage;

namespace Mesh.Local.ApiServer.Admission.Policies;

/// <summary>
/// ValidatingAdmissionPolicies, where their bindings say. What enters is a call as it would be stored; what leaves is a refusal
/// in Kubernetes' words, or warnings. Policies and their bindings themselves pass, or a wrong one could never be taken back.
/// A policy without a binding does nothing. The kinds' stored objects are read at every call, so a policy counts from the
/// moment it is stored.
/// </summary>
internal sealed class PolicyAdmission(ObjectStore store)
{
    private const string Group = "admissionregistration.k8s.io";
    private const string PoliciesId = "validatingadmissionpolicies." + Group;
    private const string BindingsId = "validatingadmissionpolicybindings." + Group;

    // What a state of an object says does not change; it goes with the state.
    private readonly ConditionalWeakTable<StoredObject, ValidatingPolicy> policies = [];
    private readonly ConditionalWeakTable<StoredObject, PolicyBinding> bindings = [];

    public void Validate(AdmissionCall call)
    {
        if (IsPolicy(call))
            return;
        PolicyCall? asked = null;
        foreach (var stored in store.Collection(PoliciesId).State.Values)
        {
            var policy = policies.GetValue(stored, static one => new ValidatingPolicy(one));
            asked ??= new PolicyCall(call, NamespaceOf(call));
            if (policy.Matches(call, asked.Namespace) is { } version)
                Ask(policy, asked, version);
        }

        if (asked?.Denied is { } denied)
            throw denied;
    }

    private static bool IsPolicy(AdmissionCall call) => call.Write.Resource is
    {
        Group: Group,
        Kind: "ValidatingAdmissionPolicy" or "ValidatingAdmissionPolicyBinding" or "MutatingAdmissionPolicy" or "MutatingAdmissionPolicyBinding",
    };

    private JsonElement? NamespaceOf(AdmissionCall call) =>
        call.Write.Namespace.Length > 0 ? store.Find("namespaces", "", call.Write.Namespace)?.Json : null;

    private void Ask(ValidatingPolicy policy, PolicyCall call, string version)
    {
        foreach (var stored in store.Collection(BindingsId).State.Values)
        {
            var binding = bindings.GetValue(stored, static one => new PolicyBinding(one));
            if (binding.PolicyName != policy.Name || !binding.Matches(call.Call, call.Namespace))
                continue;
            try
            {
                foreach (var param in PolicyParams.Of(policy, binding, call.Call, store))
                    Ask(policy, binding, call, call.Variables(version, policy.ParamKind is not null, param));
            }
            catch (CelError problem)
            {
                if (!policy.IgnoresFailure)
                    call.Deny(policy, binding, new PolicyDenial("failed to configure binding: " + problem.Message));
            }
        }
    }

    private static void Ask(ValidatingPolicy policy, PolicyBinding binding, PolicyCall call, Dictionary<string, object?> variables)
    {
        foreach (var denial in policy.Validations(variables))
        {
            if (binding.Denies)
                call.Deny(policy, binding, denial);
            if (binding.Warns)
                call.Call.Write.Warn($"Validation failed for ValidatingAdmissionPolicy '{policy.Name}' with binding '{binding.Name}': {denial.Message}");
        }

        foreach (var denial in policy.AuditAnnotations(variables))
            call.Deny(policy, binding, denial);
    }

    /// <summary>One call on its way along the policies; the first that denies it gives the answer.</summary>
    private sealed class PolicyCall(AdmissionCall call, JsonElement? ns)
    {
        private static readonly string[] Hidden = ["managedFields", "ownerReferences", "selfLink"];
        private readonly Dictionary<string, Dictionary<string, object?>> byVersion = [];

        public AdmissionCall Call => call;

        public JsonElement? Namespace => ns;

        public StatusException? Denied { get; private set; }

        /// <summary>A set of its own for each policy, which adds to it.</summary>
        public Dictionary<string, object?> Variables(string version, bool takesParams, JsonElement? param)
        {
            if (!byVersion.TryGetValue(version, out var known))
            {
                byVersion[version] = known = AdmissionVariables.Of(call, version);
                known["namespaceObject"] = call.Write.Resource.Namespaced && ns is { } found ? CelValues.From(Shown(found), null) : null;
            }

            var variables = new Dictionary<string, object?>(known);
            if (takesParams)
                variables["params"] = param is { } value ? CelValues.From(value, null) : null;
            return variables;
        }

        public void Deny(ValidatingPolicy policy, PolicyBinding binding, PolicyDenial denial)
        {
            if (Denied is not null)
                return;
            var text = $"ValidatingAdmissionPolicy '{policy.Name}' with binding '{binding.Name}' denied request: {denial.Message}";
            var resource = call.Write.Resource;
            var details = StatusException.Details(resource, call.Name);
            details["causes"] = new JsonArray(new JsonObject { ["message"] = text });
            var reason = denial.Reason ?? "Invalid";
            var code = reason switch { "Forbidden" => 403, "Unauthorized" => 401, "RequestEntityTooLarge" => 413, _ => 422 };
            Denied = new StatusException(code, reason, $"{resource.GroupResource} \"{call.Name}\" is forbidden: {text}", details);
        }

        private static JsonElement Shown(JsonElement ns)
        {
            var copy = ns.ToNode();
            foreach (var name in Hidden)
                copy.Section("metadata").Remove(name);
            return copy.ToElement();
        }
    }
}
