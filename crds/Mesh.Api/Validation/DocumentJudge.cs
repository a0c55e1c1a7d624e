using System.Text.Json;

namespace Mesh.Api.Validation;

/// <summary>All that admission says of a document: what is wrong with it, and what of it does not act in this version.</summary>
public static class DocumentJudge
{
    /// <summary>Everything, errors first.</summary>
    public static IReadOnlyList<Finding> Judge(JsonElement document)
    {
        var found = DocumentValidator.Validate(document);
        if (DocumentValidator.KindOf(document) is not { } kind)
            return found;
        var resource = DocumentValidator.NameOf(document);
        if (kind.NotYetFinding(resource) is { } nothing)
            return [.. found, nothing];
        // What cannot be read asks for nothing.
        return found.Any(finding => finding.Severity == Severity.Error) ? found : [.. found, .. kind.Unsupported(DocumentValidator.SpecOf(document), resource)];
    }
}
