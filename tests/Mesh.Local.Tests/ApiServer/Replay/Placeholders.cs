using System.Text;
using System.Text.RegularExpressions;

namespace Mesh.Local.Tests.ApiServer.Replay;

/// <summary>
/// Values that differ from one recording to the next. A numbered placeholder stands for one value throughout a transcript: it
/// is bound where it first appears in an answer, must be the same in later answers, and is put into later requests.
/// </summary>
internal sealed partial class Placeholders
{
    private readonly Dictionary<string, string> bound = [];

    /// <summary>Puts bound values into a request; one without a number stands for whatever it matched last.</summary>
    public string Fill(string text) => Pattern().Replace(text, match => bound.GetValueOrDefault(match.Value, match.Value));

    public bool IsBound(string text) => Pattern().Matches(text).All(match => bound.ContainsKey(match.Value));

    public bool Match(string expected, string actual)
    {
        if (expected == actual)
            return true;
        var pattern = new StringBuilder("^");
        var position = 0;
        var seen = new List<string>();
        foreach (Match match in Pattern().Matches(expected))
        {
            pattern.Append(Regex.Escape(expected[position..match.Index]));
            position = match.Index + match.Length;
            if (bound.TryGetValue(match.Value, out var value) && !match.Value.StartsWith("<rv", StringComparison.Ordinal) && match.Value.Contains(':', StringComparison.Ordinal))
            {
                pattern.Append(Regex.Escape(value));
                continue;
            }

            seen.Add(match.Value);
            pattern.Append('(').Append(Shape(match.Groups[1].Value)).Append(')');
        }

        pattern.Append(Regex.Escape(expected[position..])).Append('$');
        var found = Regex.Match(actual, pattern.ToString(), RegexOptions.Singleline);
        if (!found.Success || seen.Count == 0)
            return found.Success;
        for (var i = 0; i < seen.Count; i++)
        {
            bound[seen[i]] = found.Groups[i + 1].Value;
        }

        return true;
    }

    private static string Shape(string kind) => kind switch
    {
        "rv" => "[0-9]+",
        "uid" => "[0-9a-f-]{36}",
        "time" => @"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
        "microtime" => @"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z",
        "rand" or "rand-vol" => "[bcdfghjklmnpqrstvwxz2456789]{5}",
        "age" => "[0-9a-z<>]+",
        _ => ".+?",
    };

    [GeneratedRegex("<([a-zA-Z-]+)(?::[0-9]+)?>")]
    private static partial Regex Pattern();
}
