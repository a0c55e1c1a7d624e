using Mesh.Api.Extensions;

namespace Mesh.Api.Validation;

/// <summary>Everything that can be said about a WasmPlugin by looking at it alone.</summary>
public static class WasmPluginValidator
{
    /// <summary>What is wrong with a spec, errors first; empty when it is fine.</summary>
    public static IReadOnlyList<Finding> Validate(WasmPluginSpec spec, ObjectHead head)
    {
        var found = new FindingList(head.Resource);
        if (SpecRules.Unreadable(found, spec))
            return found.ToList();

        FieldBounds.Check(found, "spec", spec);
        TargetRules.Check(found, spec.Selector, spec.TargetRef, spec.TargetRefs, head);
        ExtensionRules.Environment(found, "spec.vmConfig", spec.VmConfig);
        ExtensionRules.Match(found, "spec.match", spec.Match);

        return found.ToList();
    }
}
