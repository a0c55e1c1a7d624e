using Mesh.Api.Networking;

namespace Mesh.Api.Validation;

/// <summary>What a request must be like.</summary>
internal static class HttpMatchRules
{
    private static readonly string[] IgnoredNames = ["uri", "scheme", "method", "authority"];

    /// <summary>One match of a rule.</summary>
    public static void Check(FindingList found, string path, HttpMatchRequest match, bool onGatewaysOnly)
    {
        CommonRules.Text(found, path + ".uri", match.Uri is { Prefix: "" } all ? all with { Prefix = "/" } : match.Uri);
        CommonRules.Text(found, path + ".scheme", match.Scheme);
        CommonRules.Text(found, path + ".method", match.Method);
        CommonRules.Text(found, path + ".authority", match.Authority);
        Headers(found, path + ".headers", match.Headers, onGatewaysOnly);
        Headers(found, path + ".withoutHeaders", match.WithoutHeaders, onGatewaysOnly);
        foreach (var (name, text) in match.QueryParams)
            Named(found, $"{path}.queryParams[{name}]", text);
        if (match.Port is { } port and not 0 && !DnsNames.IsPort(port))
            found.Error(path + ".port", port, "A port is a number between 1 and 65535.", "Write the service's port number.");
        CommonRules.Labels(found, path + ".sourceLabels", match.SourceLabels);
        CommonRules.Gateways(found, path + ".gateways", match.Gateways);
        if (match.SourceNamespace is { Length: > 0 } space && !DnsNames.IsLabel(space))
            found.Error(path + ".sourceNamespace", space, "This is no name of a namespace.", "Write letters, digits and hyphens, at most 63.");
    }

    private static void Headers(FindingList found, string path, IReadOnlyDictionary<string, StringMatch?> headers, bool onGatewaysOnly)
    {
        foreach (var (name, text) in headers)
        {
            var at = $"{path}[{name}]";
            if (HeaderSyntax.IsClaim(name))
            {
                if (!onGatewaysOnly)
                    found.Error(at, name, "Claims of a token can only be matched on gateways.", "Bind the object to gateways, without mesh.");
            }
            else if (!HeaderSyntax.IsName(name))
            {
                found.Error(at, name, "This is no name of a header.", "Write letters, digits and any of !#$%&'*+-.^_`|~.");
            }
            else if (IgnoredNames.Contains(name))
            {
                found.Warning(at, name, "This name is ignored among headers.", $"Use the field {name} of the match.");
            }

            // The old way to ask that it is not there; no regular expression.
            if (text is not { Regex: "*" } || !path.EndsWith(".withoutHeaders", StringComparison.Ordinal))
                Named(found, at, text);
        }
    }

    private static void Named(FindingList found, string path, StringMatch? text)
    {
        if (text is null)
            found.Error(path, null, "What to compare with is missing.", "Write {} to ask only that it is there, or exact, prefix or regex.");
        CommonRules.Text(found, path, text);
    }
}
