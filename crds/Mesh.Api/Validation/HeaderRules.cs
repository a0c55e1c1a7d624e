using Mesh.Api.Networking;

namespace Mesh.Api.Validation;

/// <summary>Changes to headers.</summary>
internal static class HeaderRules
{
    /// <summary>Both directions.</summary>
    public static void Check(FindingList found, string path, Headers? headers)
    {
        Operations(found, path + ".request", headers?.Request, authorityAllowed: true);
        Operations(found, path + ".response", headers?.Response, authorityAllowed: false);
    }

    /// <summary>The host may be changed in one place only.</summary>
    public static void SingleAuthority(FindingList found, string path, HttpRoute route)
    {
        var places = new List<string>();
        if (route.Rewrite?.Authority is { Length: > 0 })
            places.Add("rewrite.authority");
        places.AddRange((route.Headers?.Request?.Set ?? NoHeaders).Keys.Where(HeaderSyntax.IsAuthority).Select(k => $"headers.request.set[{k}]"));
        places.AddRange((route.Headers?.Request?.Add ?? NoHeaders).Keys.Where(HeaderSyntax.IsAuthority).Select(k => $"headers.request.add[{k}]"));
        if (places.Count > 1)
            found.Error(path, null, $"The host is changed in several places: {string.Join(", ", places)}.", "Keep one of them; rewrite.authority is the clearest.");
    }

    private static readonly Dictionary<string, string> NoHeaders = [];

    private static void Operations(FindingList found, string path, HeaderOperations? operations, bool authorityAllowed)
    {
        if (operations is null)
            return;
        foreach (var (name, value) in operations.Set)
            Change(found, $"{path}.set[{name}]", name, value, authorityAllowed);
        foreach (var (name, value) in operations.Add)
            Change(found, $"{path}.add[{name}]", name, value, authorityAllowed);
        for (var i = 0; i < operations.Remove.Count; i++)
            Name(found, $"{path}.remove[{i}]", operations.Remove[i], authorityAllowed: false);
    }

    private static void Change(FindingList found, string path, string name, string? value, bool authorityAllowed)
    {
        Name(found, path, name, authorityAllowed);
        if (HeaderSyntax.ValueProblem(value ?? "") is { } problem)
            found.Error(path, value, $"This is no value of a header: {problem}.", "Write %% for a per cent sign, or %NAME% for a variable.");
    }

    private static void Name(FindingList found, string path, string name, bool authorityAllowed)
    {
        if (name.Length == 0)
            found.Error(path, name, "A header needs a name.", "Write the header's name.");
        else if (authorityAllowed && HeaderSyntax.IsAuthority(name))
            return;
        else if (name.StartsWith(':'))
            found.Error(path, name, "Pseudo headers cannot be changed here.", "Use rewrite.uri or rewrite.authority.");
        else if (name.Equals("host", StringComparison.OrdinalIgnoreCase))
            found.Error(path, name, "The host can only be set, in requests.", "Use rewrite.authority, or headers.request.set with Host.");
        else if (!HeaderSyntax.IsName(name))
            found.Error(path, name, "This is no name of a header.", "Write letters, digits and any of !#$%&'*+-.^_`|~.");
    }
}
