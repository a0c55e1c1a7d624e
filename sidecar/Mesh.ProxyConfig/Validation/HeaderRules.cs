namespace Mesh.Config;

/// <summary>Rules of <see cref="HeaderChanges"/>.</summary>
internal static class HeaderRules
{
    // RFC 9110 section 5.6.2.
    private static readonly System.Buffers.SearchValues<char> TokenCharacters =
        System.Buffers.SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz");

    public static void Check(ConfigPath at, HeaderChanges? changes, ProblemList problems)
    {
        if (changes is null) return;
        Check(at, "requestRemove", changes.RequestRemove, problems);
        Check(at, "requestSet", changes.RequestSet, problems, mayBeHost: true);
        Check(at, "requestAdd", changes.RequestAdd, problems);
        Check(at, "responseRemove", changes.ResponseRemove, problems);
        Check(at, "responseSet", changes.ResponseSet, problems);
        Check(at, "responseAdd", changes.ResponseAdd, problems);
    }

    /// <summary>What is wrong with the name of a header to be changed; <c>null</c> when nothing is.</summary>
    public static string? ProblemOfName(string name)
    {
        if (name.Length == 0) return "a name is empty";
        if (name.AsSpan().ContainsAnyInRange('A', 'Z')) return $"'{name}' must be in lower case";
        return name.AsSpan().ContainsAnyExcept(TokenCharacters) ? $"'{name}' is not the name of a header" : null;
    }

    private static void Check(ConfigPath at, string member, IReadOnlyList<string> names, ProblemList problems)
    {
        foreach (var name in names)
        {
            if (ProblemOfName(name) is { } problem) problems.Add(at, member, problem);
            else if (name == "host") problems.Add(at, member, "'host' cannot be taken away");
        }
    }

    private static void Check(ConfigPath at, string member, IReadOnlyList<HeaderValue> headers, ProblemList problems, bool mayBeHost = false)
    {
        for (var i = 0; i < headers.Count; i++)
        {
            var here = at.Down(member, i);
            var (name, value) = headers[i];
            if (ProblemOfName(name) is { } problem) problems.Add(here, "name", problem);
            else if (name == "host" && !mayBeHost) problems.Add(here, "name", "'host' can only be set, on requests");
            problems.CheckText(here, "value", value);
            if (FormatText.Problem(value) is { } wrong) problems.Add(here, "value", wrong);
        }
    }
}
