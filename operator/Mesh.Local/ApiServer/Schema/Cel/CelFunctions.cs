using System.Globalization;
using System.Text.RegularExpressions;

namespace Mesh.Local.ApiServer.Schema.Cel;

/// <summary>Operators, CEL's own functions, and those Kubernetes adds for strings and lists.</summary>
internal static partial class CelFunctions
{
    private const long NanosecondsPerTick = 100;

    public static object? Call(string name, object? target, bool isMethod, object?[] arguments) => isMethod
        ? Method(name, target, arguments)
        : Function(name, arguments);

    private static object? Function(string name, object?[] arguments) => (name, arguments) switch
    {
        ("==", [var a, var b]) => CelValues.AreEqual(a, b),
        ("!=", [var a, var b]) => !CelValues.AreEqual(a, b),
        ("<", [var a, var b]) => CelValues.Compare(a, b) < 0,
        ("<=", [var a, var b]) => CelValues.Compare(a, b) <= 0,
        (">", [var a, var b]) => CelValues.Compare(a, b) > 0,
        (">=", [var a, var b]) => CelValues.Compare(a, b) >= 0,
        ("in", [var a, List<object?> list]) => Has(list, a),
        ("in", [string a, ICelFields map]) => map.Has(a),
        ("!", [bool a]) => !a,
        ("negate", [long a]) => checked(-a),
        ("negate", [double a]) => -a,
        ("+" or "-" or "*" or "/" or "%", [var a, var b]) => Arithmetic(name, a, b),
        ("size", [var a]) => Size(a),
        ("dyn", [var a]) => a,
        ("string", [var a]) => Text(a),
        ("int", [var a]) => Whole(a),
        ("uint", [var a]) => Whole(a),
        ("double", [var a]) => Fraction(a),
        ("bool", [string a]) => bool.TryParse(a, out var truth) ? truth : throw new CelError($"\"{a}\" is no bool"),
        ("bool", [bool a]) => a,
        ("duration", [string a]) => CelValues.Duration(a),
        ("duration", [CelDuration a]) => a,
        ("timestamp", [string a]) => CelValues.Timestamp(a),
        ("timestamp", [DateTimeOffset a]) => a,
        ("matches", [string a, string pattern]) => Matches(a, pattern),
        ("optional.of", [var a]) => CelOptional.Of(a),
        ("optional.none", []) => CelOptional.None,
        ("sets.contains", [List<object?> a, List<object?> b]) => b.All(item => Has(a, item)),
        ("sets.equivalent", [List<object?> a, List<object?> b]) => b.All(item => Has(a, item)) && a.All(item => Has(b, item)),
        ("sets.intersects", [List<object?> a, List<object?> b]) => b.Any(item => Has(a, item)),
        _ => throw new CelError($"no such overload: {name}"),
    };

    private static object? Method(string name, object? target, object?[] arguments) => (name, target, arguments) switch
    {
        (_, CelOptional optional, _) => optional.Call(name, arguments),
        ("size", _, []) => Size(target),
        ("contains", string text, [string part]) => text.Contains(part, StringComparison.Ordinal),
        ("startsWith", string text, [string part]) => text.StartsWith(part, StringComparison.Ordinal),
        ("endsWith", string text, [string part]) => text.EndsWith(part, StringComparison.Ordinal),
        ("matches", string text, [string pattern]) => Matches(text, pattern),
        ("find", string text, [string pattern]) => Expression(pattern).Match(text).Value,
        ("findAll", string text, [string pattern]) => Expression(pattern).Matches(text).Select(match => (object?)match.Value).ToList(),
        ("format", string text, [List<object?> values]) => Format(text, values),
        ("lowerAscii", string text, []) => text.ToLowerInvariant(),
        ("upperAscii", string text, []) => text.ToUpperInvariant(),
        ("trim", string text, []) => text.Trim(),
        ("charAt", string text, [long at]) => Part(text, at, at + 1),
        ("substring", string text, [long from]) => Part(text, from, text.Length),
        ("substring", string text, [long from, long to]) => Part(text, from, to),
        ("indexOf", string text, [string part]) => (long)text.IndexOf(part, StringComparison.Ordinal),
        ("lastIndexOf", string text, [string part]) => (long)text.LastIndexOf(part, StringComparison.Ordinal),
        ("replace", string text, [string old, string @new]) => text.Replace(old, @new, StringComparison.Ordinal),
        ("split", string text, [string by]) => text.Split(by).Cast<object?>().ToList(),
        ("join", List<object?> list, []) => string.Concat(list.Select(Text)),
        ("join", List<object?> list, [string by]) => string.Join(by, list.Select(Text)),
        ("indexOf", List<object?> list, [var item]) => (long)list.FindIndex(i => CelValues.AreEqual(i, item)),
        ("isSorted", List<object?> list, []) => list.Zip(list.Skip(1)).All(p => CelValues.Compare(p.First, p.Second) <= 0),
        ("sum", List<object?> list, []) => list.Aggregate((object?)0L, (sum, item) => sum is 0L ? item : Arithmetic("+", sum, item)),
        ("min", List<object?> { Count: > 0 } list, []) => list.Aggregate((least, item) => CelValues.Compare(item, least) < 0 ? item : least),
        ("max", List<object?> { Count: > 0 } list, []) => list.Aggregate((most, item) => CelValues.Compare(item, most) > 0 ? item : most),
        ("getSeconds", CelDuration length, []) => length.Nanoseconds / 1_000_000_000,
        ("getMilliseconds", CelDuration length, []) => length.Nanoseconds / 1_000_000,
        ("getMinutes", CelDuration length, []) => length.Nanoseconds / 60_000_000_000,
        ("getHours", CelDuration length, []) => length.Nanoseconds / 3_600_000_000_000,
        _ => throw new CelError($"no such overload: {name}"),
    };

    private static object Arithmetic(string sign, object? one, object? other)
    {
        try
        {
            return (sign, one, other) switch
            {
                ("+", long a, long b) => checked(a + b),
                ("-", long a, long b) => checked(a - b),
                ("*", long a, long b) => checked(a * b),
                ("/", long a, long b) => b == 0 ? throw new CelError("division by zero") : a / b,
                ("%", long a, long b) => b == 0 ? throw new CelError("modulus by zero") : a % b,
                ("+", double a, double b) => a + b,
                ("-", double a, double b) => a - b,
                ("*", double a, double b) => a * b,
                ("/", double a, double b) => a / b,
                ("+", string a, string b) => a + b,
                ("+", List<object?> a, List<object?> b) => a.Concat(b).ToList(),
                ("+", CelDuration a, CelDuration b) => new CelDuration(checked(a.Nanoseconds + b.Nanoseconds)),
                ("-", CelDuration a, CelDuration b) => new CelDuration(checked(a.Nanoseconds - b.Nanoseconds)),
                ("+", DateTimeOffset a, CelDuration b) => a.AddTicks(b.Nanoseconds / NanosecondsPerTick),
                ("-", DateTimeOffset a, CelDuration b) => a.AddTicks(-b.Nanoseconds / NanosecondsPerTick),
                ("-", DateTimeOffset a, DateTimeOffset b) => new CelDuration(checked((a - b).Ticks * NanosecondsPerTick)),
                _ => throw new CelError("no such overload"),
            };
        }
        catch (OverflowException)
        {
            throw new CelError("integer overflow");
        }
    }

    private static bool Has(List<object?> list, object? item) => list.Any(one => CelValues.AreEqual(one, item));

    /// <summary>%s and %d, which is what messages use, and %% for itself.</summary>
    private static string Format(string text, List<object?> values)
    {
        var next = 0;
        return Placeholder().Replace(text, found => found.Value switch
        {
            "%%" => "%",
            "%s" or "%d" when next < values.Count => found.Value == "%d" && values[next] is not long
                ? throw new CelError("error during formatting: decimal clause can only be used on integers")
                : Shown(values[next++]),
            "%s" or "%d" => throw new CelError($"index {next} out of range"),
            var other => throw new CelError($"could not parse formatting clause: unrecognized formatting clause \"{other[1..]}\""),
        });
    }

    private static string Shown(object? value) => value switch
    {
        null => "null",
        List<object?> list => "[" + string.Join(", ", list.Select(Shown)) + "]",
        ICelFields map => "{" + string.Join(", ", map.Keys.Order(StringComparer.Ordinal).Select(key => key + ": " + Shown(map[key]))) + "}",
        _ => Text(value),
    };

    private static long Size(object? value) => value switch
    {
        string text => text.EnumerateRunes().Count(),
        List<object?> list => list.Count,
        ICelFields map => map.Count,
        _ => throw new CelError("no such overload: size"),
    };

    private static string Text(object? value) => value switch
    {
        string text => text,
        bool truth => truth ? "true" : "false",
        long or double => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        CelDuration length => (length.Nanoseconds / 1e9).ToString(CultureInfo.InvariantCulture) + "s",
        DateTimeOffset time => time.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        _ => throw new CelError("no such overload: string"),
    };

    private static long Whole(object? value) => value switch
    {
        long whole => whole,
        double fraction when fraction is > long.MinValue and < long.MaxValue => (long)fraction,
        string text when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => whole,
        _ => throw new CelError("no such overload: int"),
    };

    private static double Fraction(object? value) => value switch
    {
        long whole => whole,
        double fraction => fraction,
        string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var fraction) => fraction,
        _ => throw new CelError("no such overload: double"),
    };

    private static string Part(string text, long from, long to) =>
        from >= 0 && from <= to && to <= text.Length ? text[(int)from..(int)to] : throw new CelError("index out of range");

    private static bool Matches(string text, string pattern) => Expression(pattern).IsMatch(text);

    private static Regex Expression(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new CelError($"error parsing regexp: {e.Message}");
        }
    }

    [GeneratedRegex("%.?", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();
}
