using Mesh.Api.Security;

namespace Mesh.Api.Validation;

/// <summary>Everything that can be said about an AuthorizationPolicy by looking at it alone.</summary>
public static class AuthorizationPolicyValidator
{
    /// <summary>What is wrong with a spec, errors first; empty when it is fine.</summary>
    public static IReadOnlyList<Finding> Validate(AuthorizationPolicySpec spec, ObjectHead head)
    {
        var found = new FindingList(head.Resource);
        if (SpecRules.Unreadable(found, spec))
            return found.ToList();

        FieldBounds.Check(found, "spec", spec);
        TargetRules.Check(found, spec.Selector, spec.TargetRef, spec.TargetRefs, head);
        DryRun(found, spec, head);
        Action(found, spec);
        for (var i = 0; i < (spec.Rules?.Count ?? 0); i++)
            AuthorizationRules.Check(found, $"spec.rules[{i}]", spec.Rules![i], spec.Action == "CUSTOM");
        if (spec.Rules is { } rules && spec.Action is null or "ALLOW" or "DENY" && AuthorizationRules.OnlyRequests(rules) is { } at)
            found.Warning($"spec.rules[{at}]", null, $"It only speaks of requests, so connections to ports that carry none are {(spec.Action == "DENY" ? "denied as if that were not there" : "never allowed by it")}.", "Name the ports in to.operation.ports.");

        return found.ToList();
    }

    private static void DryRun(FindingList found, AuthorizationPolicySpec spec, ObjectHead head)
    {
        if (!head.Annotations.TryGetValue(MeshLabels.DryRun, out var value))
            return;
        var path = $"metadata.annotations[{MeshLabels.DryRun}]";
        if (value is not ("true" or "false" or "True" or "False" or "TRUE" or "FALSE" or "t" or "f" or "T" or "F" or "1" or "0"))
            found.Error(path, value, "This is neither true nor false.", "Write \"true\" or \"false\".");
        else if (spec.Action is "CUSTOM" or "AUDIT")
            found.Error(path, value, $"{spec.Action} has no dry run.", "Remove the annotation.");
    }

    private static void Action(FindingList found, AuthorizationPolicySpec spec)
    {
        var provider = spec.Provider?.Name;
        if (spec.Action is "DENY" or "CUSTOM" && spec.Rules is null)
            found.Error("spec.rules", null, $"{spec.Action} without rules never matches anything.", "Add rules; - {} matches every request.");
        if (spec.Action == "CUSTOM" && string.IsNullOrEmpty(provider))
            found.Error("spec.provider.name", provider, "CUSTOM needs the provider that decides.", "Name one of MeshConfig's extensionProviders.");
        if (spec.Action != "CUSTOM" && spec.Provider is not null)
            found.Error("spec.provider", provider, "Only CUSTOM asks a provider.", "Remove it, or make the action CUSTOM.");
    }
}
