using Mesh.Api.Security;

namespace Mesh.Api.Validation;

/// <summary>Everything that can be said about a RequestAuthentication by looking at it alone.</summary>
public static class RequestAuthenticationValidator
{
    /// <summary>What is wrong with a spec, errors first; empty when it is fine.</summary>
    public static IReadOnlyList<Finding> Validate(RequestAuthenticationSpec spec, ObjectHead head)
    {
        var found = new FindingList(head.Resource);
        if (SpecRules.Unreadable(found, spec))
            return found.ToList();

        FieldBounds.Check(found, "spec", spec);
        TargetRules.Check(found, spec.Selector, spec.TargetRef, spec.TargetRefs, head);
        for (var i = 0; i < spec.JwtRules.Count; i++)
            Rule(found, $"spec.jwtRules[{i}]", spec.JwtRules[i]);

        return found.ToList();
    }

    private static void Rule(FindingList found, string path, JwtRule rule)
    {
        if (string.IsNullOrEmpty(rule.Issuer) && string.IsNullOrEmpty(rule.JwksUri))
            found.Error(path + ".issuer", rule.Issuer, "It is not said whose tokens are taken.", "Add issuer, jwksUri or both.");
        if (rule.JwksUri is { } uri && uri.StartsWith("http", StringComparison.Ordinal) && !IsWebAddress(uri))
            found.Error(path + ".jwksUri", rule.JwksUri, "This is no address of the web.", "Write https://HOST/PATH.");
        if (!string.IsNullOrEmpty(rule.JwksUri) && !string.IsNullOrEmpty(rule.Jwks))
            found.Error(path + ".jwks", null, "The keys are given twice.", "Keep jwksUri or jwks.");
        if (!string.IsNullOrEmpty(rule.Jwks))
            Keys(found, path + ".jwks", rule.Jwks);
    }

    private static void Keys(FindingList found, string path, string jwks)
    {
        switch (JwksText.Judge(jwks))
        {
            case JwksVerdict.NoKeys:
                found.Error(path, jwks, "These are no keys.", "Write a JSON object with a list named keys, as the issuer publishes it.");
                break;
            case JwksVerdict.PrivateKeys:
                // Not shown: whoever reads the finding must not get the key.
                found.Warning(path, null, "Private parts of keys stand here, in sight of everybody who may read this object.", "Publish the public parts only, and replace these keys.");
                break;
        }
    }

    private static bool IsWebAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.Host.Length > 0 && !text.Contains('\\', StringComparison.Ordinal);
}
