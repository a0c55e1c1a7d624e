using Mesh.Api.Networking;

namespace Mesh.Api.Validation;

/// <summary>Everything that can be said about a WorkloadEntry by looking at it alone.</summary>
public static class WorkloadEntryValidator
{
    /// <summary>What is wrong with an object, errors first; empty when it is fine.</summary>
    public static IReadOnlyList<Finding> Validate(V1WorkloadEntry entity) =>
        Validate(entity.Spec, ObjectHead.Of(entity) with { Resource = ResourceNames.Of(entity) });

    /// <summary>The same for a spec of a namespace; findings then name no object unless told which.</summary>
    public static IReadOnlyList<Finding> Validate(WorkloadEntrySpec spec, string? space, string resource = "") =>
        Validate(spec, new ObjectHead { Namespace = space, Resource = resource });

    /// <summary>The same, with what else is known of the object.</summary>
    public static IReadOnlyList<Finding> Validate(WorkloadEntrySpec spec, ObjectHead head)
    {
        var found = new FindingList(head.Resource);
        if (SpecRules.Unreadable(found, spec))
            return found.ToList();

        FieldBounds.Check(found, "spec", spec);
        WorkloadEntryRules.Check(found, "spec", spec, namesAllowed: true);

        return found.ToList();
    }
}
