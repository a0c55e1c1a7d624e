using Mesh.Api.Networking;

namespace Mesh.Api.Validation;

/// <summary>Everything that can be said about a ProxyConfig, the kind, by looking at it alone.</summary>
public static class ProxyConfigResourceValidator
{
    /// <summary>What is wrong with a spec, errors first; empty when it is fine.</summary>
    public static IReadOnlyList<Finding> Validate(ProxyConfigSpec spec, ObjectHead head)
    {
        var found = new FindingList(head.Resource);
        if (SpecRules.Unreadable(found, spec))
            return found.ToList();

        FieldBounds.Check(found, "spec", spec);
        CommonRules.Selector(found, "spec.selector", spec.Selector);
        foreach (var (name, value) in spec.EnvironmentVariables.OrderBy(variable => variable.Key, StringComparer.Ordinal))
        {
            if (ProxyVariables.Problem(name, value ?? "") is { } problem)
                found.Error($"spec.environmentVariables[{name}]", value, $"No sidecar can be given this variable: {(problem.StartsWith("is ", StringComparison.Ordinal) ? $"{name} {problem}" : problem)}.", "Correct it, or leave it out.");
        }

        return found.ToList();
    }
}
