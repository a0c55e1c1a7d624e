using Mesh.Api.Networking;

namespace Mesh.Api.Validation;

/// <summary>Everything that can be said about a ServiceEntry by looking at it alone.</summary>
public static class ServiceEntryValidator
{
    /// <summary>What is wrong with an object, errors first; empty when it is fine.</summary>
    public static IReadOnlyList<Finding> Validate(V1ServiceEntry entity) =>
        Validate(entity.Spec, entity.Metadata?.NamespaceProperty, ResourceNames.Of(entity));

    /// <summary>The same for a spec of a namespace; findings then name no object unless told which.</summary>
    public static IReadOnlyList<Finding> Validate(ServiceEntrySpec spec, string? space, string resource = "")
    {
        var found = new FindingList(resource);
        if (SpecRules.Unreadable(found, spec))
            return found.ToList();

        FieldBounds.Check(found, "spec", spec);
        if (spec.Hosts.Count == 0)
            found.Error("spec.hosts", null, "A ServiceEntry needs a host.", "Name at least one.");
        CommonRules.ExportTo(found, "spec.exportTo", spec.ExportTo, space);
        return found.ToList();
    }
}
