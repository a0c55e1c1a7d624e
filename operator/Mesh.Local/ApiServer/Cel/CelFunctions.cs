using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using Mesh.Local.ApiServer.Schema;

namespace Mesh.Local.ApiServer.Cel;

/// <summary>Functions by name and number of arguments; the receiver of a method is the first.</summary>
internal static class CelFunctions
{
    private static readonly FrozenDictionary<(string Name, int Arguments), Func<object?[], object?>> Global = new Dictionary<(string, int), Func<object?[], object?>>
    {
        [("size", 1)] = static a => Size(a[0]),
        [("int", 1)] = static a => a[0] switch
        {
            long whole => whole,
            double number => (long)number,
            string text when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => whole,
            _ => throw new CelException("type conversion error: int"),
        },
        [("double", 1)] = static a => a[0] switch
        {
            long whole => (double)whole,
            double number => number,
            string text when double.TryParse(text, CultureInfo.InvariantCulture, out var number) => number,
            _ => throw new CelException("type conversion error: double"),
        },
        [("string", 1)] = static a => CelValue.Show(a[0]),
        [("bool", 1)] = static a => a[0] switch { bool truth => truth, "true" => true, "false" => false, _ => throw new CelException("type conversion error: bool") },
        [("duration", 1)] = static a => a[0] switch
        {
            TimeSpan span => span,
            string text => CelValue.Duration(text),
            _ => throw new CelException("no such overload: duration"),
        },
        [("timestamp", 1)] = static a => a[0] switch
        {
            DateTimeOffset time => time,
            string text when DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) => time,
            _ => throw new CelException("type conversion error: timestamp"),
        },
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<(string Name, int Arguments), Func<object?[], object?>> Methods = new Dictionary<(string, int), Func<object?[], object?>>
    {
        [("size", 1)] = static a => Size(a[0]),
        [("startsWith", 2)] = static a => Text(a[0]).StartsWith(Text(a[1]), StringComparison.Ordinal),
        [("endsWith", 2)] = static a => Text(a[0]).EndsWith(Text(a[1]), StringComparison.Ordinal),
        [("contains", 2)] = static a => Text(a[0]).Contains(Text(a[1]), StringComparison.Ordinal),
        [("matches", 2)] = static a => Match(Text(a[0]), Text(a[1])),
        [("lowerAscii", 1)] = static a => Text(a[0]).ToLowerInvariant(),
        [("upperAscii", 1)] = static a => Text(a[0]).ToUpperInvariant(),
        [("trim", 1)] = static a => Text(a[0]).Trim(),
        [("split", 2)] = static a => Text(a[0]).Split(Text(a[1])).Select(part => (object?)part).ToList(),
        [("join", 1)] = static a => string.Concat(List(a[0]).Select(Text)),
        [("join", 2)] = static a => string.Join(Text(a[1]), List(a[0]).Select(Text)),
        [("replace", 3)] = static a => Text(a[0]).Replace(Text(a[1]), Text(a[2]), StringComparison.Ordinal),
        [("indexOf", 2)] = static a => (long)Text(a[0]).IndexOf(Text(a[1]), StringComparison.Ordinal),
        [("substring", 2)] = static a => Part(Text(a[0]), Whole(a[1]), Text(a[0]).Length),
        [("substring", 3)] = static a => Part(Text(a[0]), Whole(a[1]), Whole(a[2])),
        [("min", 1)] = static a => List(a[0]).Aggregate((x, y) => CelValue.Compare(x, y) <= 0 ? x : y),
        [("max", 1)] = static a => List(a[0]).Aggregate((x, y) => CelValue.Compare(x, y) >= 0 ? x : y),
        [("sum", 1)] = static a => List(a[0]).Aggregate((object?)0L, (x, y) => CelValue.Calculate("+", x, y)),
        [("isSorted", 1)] = static a => List(a[0]).Zip(List(a[0]).Skip(1)).All(pair => CelValue.Compare(pair.First, pair.Second) <= 0),
        [("getHours", 1)] = static a => a[0] is TimeSpan span ? (long)span.TotalHours : throw new CelException("no such overload: getHours"),
        [("getSeconds", 1)] = static a => a[0] is TimeSpan span ? (long)span.TotalSeconds : throw new CelException("no such overload: getSeconds"),
        [("getMilliseconds", 1)] = static a => a[0] is TimeSpan span ? (long)span.TotalMilliseconds : throw new CelException("no such overload: getMilliseconds"),
    }.ToFrozenDictionary();

    public static Func<object?[], object?> Find(string name, int arguments, bool method) =>
        (method ? Methods : Global).GetValueOrDefault((name, arguments))
        ?? throw new CelException($"undeclared reference to '{name}' (with {arguments} argument{(arguments == 1 ? "" : "s")})");

    private static object Size(object? value) => value switch
    {
        string text => (long)text.EnumerateRunes().Count(),
        List<object?> list => (long)list.Count,
        JsonElement { ValueKind: JsonValueKind.Object } map => (long)map.GetPropertyCount(),
        _ => throw new CelException("no such overload: size"),
    };

    private static string Text(object? value) => value as string ?? throw new CelException("no such overload: a string is needed");

    private static List<object?> List(object? value) => value as List<object?> ?? throw new CelException("no such overload: a list is needed");

    private static int Whole(object? value) => value is long number ? (int)number : throw new CelException("no such overload: an int is needed");

    private static string Part(string text, int from, int to) =>
        from >= 0 && from <= to && to <= text.Length ? text[from..to] : throw new CelException("index out of range");

    private static object Match(string text, string pattern)
    {
        try
        {
            return Patterns.Matches(pattern, text);
        }
        catch (ArgumentException problem)
        {
            throw new CelException("error parsing regexp: " + problem.Message);
        }
    }
}
