namespace Mesh.Api.Validation;

/// <summary>What ServiceEntry, WorkloadEntry, Sidecar and EnvoyFilter have in common.</summary>
internal static class EntryRules
{
    /// <summary>Labels that choose workloads.</summary>
    public static void Selector(FindingList found, string path, WorkloadLabelSelector? selector)
    {
        foreach (var (key, value) in selector?.Labels ?? new Dictionary<string, string>())
        {
            var at = $"{path}.labels[{key}]";
            if (key.Length == 0)
                found.Error(at, value, "A label needs a key.", "Write the label's key.");
            if (key.Contains('*', StringComparison.Ordinal) || (value ?? "").Contains('*', StringComparison.Ordinal))
                found.Error(at, value, "Labels are compared as they are; wildcards are not understood.", "Write the label's whole value.");
        }
    }
}
