using Mesh.Api.Networking;

namespace Mesh.Api.Validation;

/// <summary>Everything that can be said about a WorkloadEntry by looking at it alone.</summary>
public static class WorkloadEntryValidator
{
    /// <summary>What is wrong with an object, errors first; empty when it is fine.</summary>
    public static IReadOnlyList<Finding> Validate(V1WorkloadEntry entity) =>
        Validate(entity.Spec, entity.Metadata?.NamespaceProperty, ResourceNames.Of(entity));

    /// <summary>The same for a spec of a namespace; findings then name no object unless told which.</summary>
    public static IReadOnlyList<Finding> Validate(WorkloadEntrySpec spec, string? space, string resource = "")
    {
        var found = new FindingList(resource);
        if (SpecRules.Unreadable(found, spec))
            return found.ToList();

        FieldBounds.Check(found, "spec", spec);
        if (string.IsNullOrEmpty(spec.Address) && string.IsNullOrEmpty(spec.Network))
            found.Error("spec.address", spec.Address, "A workload needs an address.", "Write its IP or its name.");
        CommonRules.Labels(found, "spec.labels", spec.Labels);
        return found.ToList();
    }
}
