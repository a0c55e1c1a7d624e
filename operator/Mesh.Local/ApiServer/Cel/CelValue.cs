using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Mesh.Local.ApiServer.Cel;

/// <summary>
/// Values: null, bool, long, double, string, TimeSpan, DateTimeOffset, lists, and JSON objects as they are. What operators
/// mean on them; mixing types that do not compare is an error, as in the language.
/// </summary>
internal static partial class CelValue
{
    public static object? FromJson(JsonElement? element) => element switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.Number } number => number.TryGetInt64(out var whole) ? whole : number.GetDouble(),
        { ValueKind: JsonValueKind.Array } list => list.EnumerateArray().Select(item => FromJson(item)).ToList(),
        { ValueKind: JsonValueKind.Object } map => map,
        _ => null,
    };

    public static bool Truth(object? value) => value is bool truth ? truth : throw new CelException("no such overload: a bool is needed");

    public static object? Field(object? owner, string name)
    {
        if (owner is not JsonElement { ValueKind: JsonValueKind.Object } map)
            throw new CelException($"no such overload: .{name} of something that is no object");
        return map.TryGetProperty(name, out var found) ? FromJson(found) : throw new CelException($"no such key: {name}");
    }

    public static bool Has(object? owner, string name) =>
        owner is JsonElement { ValueKind: JsonValueKind.Object } map && map.TryGetProperty(name, out var found) && found.ValueKind != JsonValueKind.Null;

    public static object? Index(object? owner, object? index) => (owner, index) switch
    {
        (List<object?> list, long at) when at >= 0 && at < list.Count => list[(int)at],
        (List<object?>, long at) => throw new CelException($"index out of bounds: {at}"),
        (JsonElement, string name) => Field(owner, name),
        _ => throw new CelException("no such overload: _[_]"),
    };

    public static new bool Equals(object? left, object? right) => (left, right) switch
    {
        (null, null) => true,
        (long a, double b) => ((double)a).Equals(b),
        (double a, long b) => a.Equals(b),
        (List<object?> a, List<object?> b) => a.Count == b.Count && a.Zip(b).All(pair => Equals(pair.First, pair.Second)),
        (JsonElement a, JsonElement b) => JsonElement.DeepEquals(a, b),
        (null, _) or (_, null) => false,
        _ => left.Equals(right),
    };

    public static int Compare(object? left, object? right) => (left, right) switch
    {
        (long a, long b) => a.CompareTo(b),
        (double a, double b) => a.CompareTo(b),
        (long a, double b) => ((double)a).CompareTo(b),
        (double a, long b) => a.CompareTo((double)b),
        (string a, string b) => string.CompareOrdinal(a, b),
        (bool a, bool b) => a.CompareTo(b),
        (TimeSpan a, TimeSpan b) => a.CompareTo(b),
        (DateTimeOffset a, DateTimeOffset b) => a.CompareTo(b),
        _ => throw new CelException("no such overload: values of these types do not compare"),
    };

    public static object? Calculate(string operation, object? left, object? right)
    {
        try
        {
            return (operation, left, right) switch
            {
                ("+", long a, long b) => checked(a + b),
                ("-", long a, long b) => checked(a - b),
                ("*", long a, long b) => checked(a * b),
                ("/", long a, long b) => b == 0 ? throw new CelException("division by zero") : a / b,
                ("%", long a, long b) => b == 0 ? throw new CelException("modulus by zero") : a % b,
                ("+", double a, double b) => a + b,
                ("-", double a, double b) => a - b,
                ("*", double a, double b) => a * b,
                ("/", double a, double b) => a / b,
                ("+", string a, string b) => a + b,
                ("+", List<object?> a, List<object?> b) => (List<object?>)[.. a, .. b],
                ("+", TimeSpan a, TimeSpan b) => a + b,
                ("-", TimeSpan a, TimeSpan b) => a - b,
                ("+", DateTimeOffset a, TimeSpan b) => a + b,
                ("-", DateTimeOffset a, TimeSpan b) => a - b,
                ("-", DateTimeOffset a, DateTimeOffset b) => a - b,
                _ => throw new CelException($"no such overload: _{operation}_"),
            };
        }
        catch (OverflowException)
        {
            throw new CelException("integer overflow");
        }
    }

    public static bool In(object? item, object? container) => container switch
    {
        List<object?> list => list.Any(one => Equals(one, item)),
        JsonElement { ValueKind: JsonValueKind.Object } map => item is string name && map.TryGetProperty(name, out _),
        _ => throw new CelException("no such overload: in"),
    };

    /// <summary>What a macro goes through: a list's items, or an object's keys.</summary>
    public static IEnumerable<object?> Range(object? container) => container switch
    {
        List<object?> list => list,
        JsonElement { ValueKind: JsonValueKind.Object } map => map.EnumerateObject().Select(pair => (object?)pair.Name),
        _ => throw new CelException("no such overload: a list or an object is needed"),
    };

    public static string Show(object? value) => value switch
    {
        null => "null",
        bool truth => truth ? "true" : "false",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    /// <summary>A duration as Go writes it: "1h30m", "250ms".</summary>
    public static TimeSpan Duration(string text)
    {
        var match = DurationText().Match(text);
        if (!match.Success || text.Length == 0)
            throw new CelException($"invalid duration: {text}");
        var total = 0d;
        for (var i = 0; i < match.Groups[2].Captures.Count; i++)
        {
            var unit = match.Groups[3].Captures[i].Value switch { "h" => 3600e3, "m" => 60e3, "s" => 1e3, "ms" => 1, "us" or "µs" => 1e-3, _ => 1e-6 };
            total += double.Parse(match.Groups[2].Captures[i].Value, CultureInfo.InvariantCulture) * unit;
        }

        return TimeSpan.FromTicks((long)(total * TimeSpan.TicksPerMillisecond)) * (match.Groups[1].Value == "-" ? -1 : 1);
    }

    [GeneratedRegex(@"^([-+]?)(?:0|(?:([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h))+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex DurationText();
}
