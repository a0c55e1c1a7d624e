using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Mesh.Local.Tests.ApiServer.Replay;

/// <summary>
/// Values that differ from one recording to the next. A numbered placeholder stands for one value throughout a transcript: it
/// is bound where it first appears in an answer, must be the same in later answers, and is put into later requests. Two
/// different numbers are two different values, and resource versions keep their order. A value that is not as bound is told
/// once and bound anew, so that one difference does not make many.
/// </summary>
internal sealed partial class Placeholders(Transcript transcript)
{
    private ImmutableDictionary<string, string> bound = [];
    private ImmutableHashSet<string> writes = [];

    /// <summary>What is bound now, to come back to when a step is tried again.</summary>
    public (ImmutableDictionary<string, string>, ImmutableHashSet<string>) State
    {
        get => (bound, writes);
        set => (bound, writes) = value;
    }

    /// <summary>Puts bound values into a request; one without a number stands for whatever it matched last.</summary>
    public string Fill(string text) => text == "<tampered jwt>" ? Tampered() : Pattern().Replace(text, match => bound.GetValueOrDefault(match.Value) ?? Nearest(match.Value) ?? Written(match.Value) ?? Invented(match.Value));

    /// <summary>A value that the recorder chose itself and no answer told before: any of its shape will do, and stays.</summary>
    private string Invented(string name)
    {
        var number = name.Contains(':', StringComparison.Ordinal) ? Number(name) : 0;
        var value = Kind(name) switch
        {
            "<uid" => Guid.NewGuid().ToString(),
            "<pod-ip" => $"10.244.0.{number}",
            "<cluster-ip" => $"10.96.200.{number}",
            _ => null,
        };
        if (value is not null)
            Know(name, value);
        return value ?? name;
    }

    /// <summary>A token that was good, with another signature.</summary>
    private string Tampered()
    {
        var good = bound.Where(pair => pair.Key.StartsWith("<jwt:", StringComparison.Ordinal)).MinBy(pair => pair.Key).Value;
        var dot = good.LastIndexOf('.');
        return good[..(dot + 1)] + (good[dot + 1] == 'A' ? 'B' : 'A') + good[(dot + 2)..];
    }

    public JsonNode? Fill(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.Select(pair => KeyValuePair.Create(Fill(pair.Key), Fill(pair.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Fill)]),
        JsonValue value when value.TryGetValue<string>(out var text) && text.StartsWith("<node-port:", StringComparison.Ordinal) && bound.ContainsKey(text) =>
            int.Parse(bound[text], CultureInfo.InvariantCulture),
        JsonValue value when value.TryGetValue<string>(out var text) => Fill(text),
        _ => node?.DeepClone(),
    };

    /// <summary>A value that is known before anything was answered.</summary>
    public void Know(string placeholder, string value) => bound = bound.SetItem(placeholder, value);

    public static bool Has(string text) => Pattern().IsMatch(text);

    /// <summary>What is wrong with a text, each in a sentence. A version of an object (<paramref name="write"/>) is that of one write and of no other.</summary>
    public IEnumerable<string> Match(string expected, string actual, bool write = false)
    {
        if (expected == actual && !Has(expected))
            return [];
        var found = Regex.Match(actual, ExpressionFor(expected, out var names), RegexOptions.Singleline);
        if (!found.Success)
            return [$"\"{Short(actual)}\", recorded \"{Short(expected)}\""];
        var problems = new List<string>();
        for (var i = 0; i < names.Count; i++)
            problems.AddRange(Bind(names[i], found.Groups["p" + i].Value, write));
        return problems;
    }

    /// <summary>Whether a text may be meant, without binding anything: bound values are as bound, the others of the right shape.</summary>
    public bool May(string expected, string actual)
    {
        if (!Has(expected))
            return expected == actual;
        var found = Regex.Match(actual, ExpressionFor(expected, out var names), RegexOptions.Singleline);
        return found.Success && names.Select((name, i) => bound.GetValueOrDefault(name) is not { } value || value == found.Groups["p" + i].Value).All(same => same);
    }

    private static string ExpressionFor(string expected, out List<string> names)
    {
        var pattern = new StringBuilder("^");
        var position = 0;
        names = [];
        foreach (Match match in Pattern().Matches(expected))
        {
            pattern.Append(Regex.Escape(expected[position..match.Index])).Append($"(?<p{names.Count}>{Shape(match.Groups[1].Value)})");
            position = match.Index + match.Length;
            names.Add(match.Value);
        }

        return pattern.Append(Regex.Escape(expected[position..])).Append('$').ToString();
    }

    private IEnumerable<string> Bind(string name, string value, bool write)
    {
        var numbered = name.Contains(':', StringComparison.Ordinal);
        var known = bound.GetValueOrDefault(name);
        bound = bound.SetItem(name, value);
        if (!numbered)
            return [];
        if (write)
            writes = writes.Add(name);
        if (known is not null)
            return known == value ? [] : [$"{name} was {Short(known)} before and is {Short(value)} now"];
        if (name.StartsWith("<rv:", StringComparison.Ordinal))
            return OutOfOrder(name);
        var problems = bound.Where(other => other.Key != name && other.Value == value && Kind(other.Key) == Kind(name))
            .Select(other => $"{name} has the value of {other.Key}: {Short(value)}").ToList();
        if (transcript.Decoded(name) is { } decoded)
            problems.AddRange(JsonComparison.Differences(decoded, Tokens.Decode(value), this).Select(one => $"{name} holds {one.Path}: {one.Text}"));
        return problems;
    }

    private IEnumerable<string> OutOfOrder(string name)
    {
        var (number, value) = (Number(name), long.Parse(bound[name], CultureInfo.InvariantCulture));
        foreach (var other in bound.Where(other => other.Key != name && other.Key.StartsWith("<rv:", StringComparison.Ordinal)))
        {
            var (before, than) = Number(other.Key) < number ? (long.Parse(other.Value, CultureInfo.InvariantCulture), value) : (value, long.Parse(other.Value, CultureInfo.InvariantCulture));
            if (before > than || (before == than && writes.Contains(name) && writes.Contains(other.Key)))
                return [$"{name} is {value}, {other.Key} is {other.Value}: not in their order"];
        }

        return [];
    }

    /// <summary>For a version that no answer has told, because an earlier step differed: the last one before it.</summary>
    private string? Nearest(string name) => name.StartsWith("<rv:", StringComparison.Ordinal)
        ? bound.Where(other => other.Key.StartsWith("<rv:", StringComparison.Ordinal) && Number(other.Key) < Number(name)).MaxBy(other => Number(other.Key)).Value
        : null;

    /// <summary>A token that no answer gave, because the recorder made it up itself.</summary>
    private string? Written(string name) =>
        name.StartsWith("<continue:", StringComparison.Ordinal) && transcript.Decoded(name) is { } decoded ? Tokens.Encode(Fill(decoded)!) : null;

    private static int Number(string name) => int.Parse(name[(name.IndexOf(':', StringComparison.Ordinal) + 1)..^1], CultureInfo.InvariantCulture);

    private static string Kind(string name) => name.Split(':')[0];

    private static string Short(string text) => text.Length > 300 ? text[..300] + "…" : text;

    private static string Shape(string kind) => kind switch
    {
        "rv" or "node-port" or "unix-exp" or "unix-iat" or "unix-nbf" => "[0-9]+",
        "uid" => "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        "hash" => "[0-9A-F]{128}",
        "time" => @"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
        "microtime" => @"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z",
        "nanotime" => @"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z",
        "template-hash" => "[bcdfghjklmnpqrstvwxz2456789]{5,10}",
        "rand" or "rand-vol" => "[bcdfghjklmnpqrstvwxz2456789]{5}",
        "rand-event" => "[0-9a-f]+",
        "age" => @"(?:[0-9]+[smhdy])+(?: \(x[0-9]+ over (?:[0-9]+[smhdy])+\))?|<unknown>|<invalid>",
        "cluster-ip" or "pod-ip" or "server-ip" => @"[0-9a-f.:]+",
        "continue" or "jwt" => "[A-Za-z0-9_.-]+={0,2}",
        _ => ".+?",
    };

    [GeneratedRegex("<(rv|uid|hash|template-hash|time|microtime|nanotime|rand|rand-vol|rand-event|continue|jwt|cluster-ip|pod-ip|node-port|server-ip|server|local|age|id|digest|ca-bundle|certificate|kid|unix-exp|unix-iat|unix-nbf|gitCommit|gitTreeState|buildDate)(?::[0-9]+)?>")]
    private static partial Regex Pattern();
}
