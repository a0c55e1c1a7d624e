using Mesh.Api.Networking;

namespace Mesh.Api.Validation;

/// <summary>Everything that can be said about a DestinationRule by looking at it alone.</summary>
public static class DestinationRuleValidator
{
    /// <summary>What is wrong with an object, errors first; empty when it is fine.</summary>
    public static IReadOnlyList<Finding> Validate(V1DestinationRule entity) =>
        Validate(entity.Spec, entity.Metadata?.NamespaceProperty, ResourceNames.Of(entity));

    /// <summary>The same for a spec, with what else is known of the object.</summary>
    public static IReadOnlyList<Finding> Validate(DestinationRuleSpec spec, ObjectHead head) =>
        Validate(spec, head.Namespace, head.Resource);

    /// <summary>The same for a spec of a namespace; findings then name no object unless told which.</summary>
    public static IReadOnlyList<Finding> Validate(DestinationRuleSpec spec, string? space, string resource = "")
    {
        var found = new FindingList(resource);
        if (SpecRules.Unreadable(found, spec))
            return found.ToList();

        if (DnsNames.WildcardProblem(spec.Host) is { } problem)
            found.Error("spec.host", spec.Host, $"This is no host: {problem}.", "Write a service's short name such as reviews, or its full name such as reviews.prod.svc.cluster.local.");
        TrafficPolicyRules.Check(found, "spec.trafficPolicy", spec.TrafficPolicy);
        Subsets(found, spec.Subsets);
        CommonRules.ExportTo(found, "spec.exportTo", spec.ExportTo, space);
        Selector(found, spec, space);
        if (spec.WorkloadSelector is null)
            UnselectedCredentials(found, spec);
        return found.ToList();
    }

    private static void Subsets(FindingList found, IReadOnlyList<Subset> subsets)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < subsets.Count; i++)
        {
            var path = $"spec.subsets[{i}]";
            DestinationRules.Subset(found, path + ".name", subsets[i].Name);
            if (!names.Add(subsets[i].Name ?? ""))
                found.Error(path + ".name", subsets[i].Name, "Another subset has the same name.", "Give each subset its own name.");
            CommonRules.Labels(found, path + ".labels", subsets[i].Labels);
            TrafficPolicyRules.Check(found, path + ".trafficPolicy", subsets[i].TrafficPolicy);
        }
    }

    private static void Selector(FindingList found, DestinationRuleSpec spec, string? space)
    {
        CommonRules.Selector(found, "spec.workloadSelector", spec.WorkloadSelector);
        if (spec.WorkloadSelector is not null && spec.ExportTo.Any(e => e != "." && e != space))
            found.Error("spec.exportTo", string.Join(", ", spec.ExportTo), "A rule with workloadSelector holds for pods of its own namespace only.", "Write exportTo: [\".\"] or remove it.");
    }

    // Sidecars get the Secrets of rules that name their pods; a rule for all would hand one to every pod of the mesh.
    private static void UnselectedCredentials(FindingList found, DestinationRuleSpec spec)
    {
        Of("spec.trafficPolicy", spec.TrafficPolicy);
        for (var i = 0; i < spec.Subsets.Count; i++)
            Of($"spec.subsets[{i}].trafficPolicy", spec.Subsets[i].TrafficPolicy);

        void Of(string path, TrafficPolicy? policy)
        {
            At(path, policy?.Tls, FindingCodes.NoServerCertificateVerificationDestinationLevel);
            for (var i = 0; i < (policy?.PortLevelSettings.Count ?? 0); i++)
                At($"{path}.portLevelSettings[{i}]", policy!.PortLevelSettings[i].Tls, FindingCodes.NoServerCertificateVerificationPortLevel);
        }

        void At(string path, ClientTlsSettings? tls, string code)
        {
            if (tls is { Mode: "SIMPLE" or "MUTUAL", CredentialName.Length: > 0 })
                found.Warning(path + ".tls.credentialName", tls.CredentialName, "Without workloadSelector the Secret is for gateways only; sidecars are not given it, and their connections fail.", "Add a workloadSelector for the client pods, or name files with caCertificates.", code);
        }
    }
}
