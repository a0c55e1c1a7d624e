using Mesh.Api.Networking;

namespace Mesh.Api.Validation;

/// <summary>Everything that can be said about an EnvoyFilter by looking at it alone.</summary>
public static class EnvoyFilterValidator
{
    /// <summary>What is wrong with a spec, errors first; empty when it is fine.</summary>
    public static IReadOnlyList<Finding> Validate(EnvoyFilterSpec spec, ObjectHead head)
    {
        var found = new FindingList(head.Resource);
        if (SpecRules.Unreadable(found, spec))
            return found.ToList();

        FieldBounds.Check(found, "spec", spec);
        if (spec.WorkloadSelector is { Labels.Count: 0 })
            found.Warning("spec.workloadSelector", null, "The selector names no label, so it selects every pod of the namespace.", "Add labels, or remove the selector.");
        EntryRules.Selector(found, "spec.workloadSelector", spec.WorkloadSelector);
        if (spec.WorkloadSelector is not null && spec.TargetRefs.Count > 0)
            found.Error("spec", null, "Only one of workloadSelector and targetRefs may be given.", "Keep one of them.");
        for (var i = 0; i < spec.TargetRefs.Count; i++)
            TargetRules.Reference(found, $"spec.targetRefs[{i}]", spec.TargetRefs[i], head);
        for (var i = 0; i < spec.ConfigPatches.Count; i++)
            EnvoyPatchRules.Check(found, $"spec.configPatches[{i}]", spec.ConfigPatches[i]);

        return found.ToList();
    }
}
