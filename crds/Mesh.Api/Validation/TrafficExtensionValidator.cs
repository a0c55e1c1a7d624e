using Mesh.Api.Extensions;

namespace Mesh.Api.Validation;

/// <summary>Everything that can be said about a TrafficExtension by looking at it alone.</summary>
public static class TrafficExtensionValidator
{
    /// <summary>What is wrong with a spec, errors first; empty when it is fine.</summary>
    public static IReadOnlyList<Finding> Validate(TrafficExtensionSpec spec, ObjectHead head)
    {
        var found = new FindingList(head.Resource);
        if (SpecRules.Unreadable(found, spec))
            return found.ToList();

        FieldBounds.Check(found, "spec", spec);
        TargetRules.Check(found, spec.Selector, null, spec.TargetRefs, head);
        if (spec.Wasm is null == spec.Lua is null)
            found.Error("spec", null, spec.Wasm is null ? "It is not said what runs." : "Only one of wasm and lua may be given.", "Give either wasm or lua.");
        ExtensionRules.Environment(found, "spec.wasm.vmConfig", spec.Wasm?.VmConfig);
        ExtensionRules.Match(found, "spec.match", spec.Match);

        return found.ToList();
    }
}
