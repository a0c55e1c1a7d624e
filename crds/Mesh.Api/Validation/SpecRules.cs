namespace Mesh.Api.Validation;

/// <summary>What holds for a spec of any kind.</summary>
internal static class SpecRules
{
    /// <summary>Tells of a spec that could not be read; nothing else can be said about it then.</summary>
    public static bool Unreadable(FindingList found, ISpecFromUser spec)
    {
        if (spec.Unreadable is not { } reason)
            return false;
        found.Error("spec", null, $"The spec cannot be read: {reason}", "Correct the value's type; kubectl explain shows each field's.", FindingCodes.UnreadableSpec);
        return true;
    }
}
