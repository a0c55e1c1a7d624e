using System.Globalization;

namespace Mesh.Local.ApiServer.Schema;

/// <summary>
/// Times as Go's decoder reads them for Kubernetes' two types: Time (seconds, a fraction is dropped) and MicroTime (exactly
/// six digits of fraction). Both are kept in UTC.
/// </summary>
internal static class GoTimes
{
    private const string Seconds = "2006-01-02T15:04:05Z07:00";
    private const string Micro = "2006-01-02T15:04:05.000000Z07:00";
    private static readonly (string Token, int Low, int High)[] Parts =
        [("2006", 0, 9999), ("-", 0, 0), ("01", 1, 12), ("-", 0, 0), ("02", 1, 31), ("T", 0, 0), ("15", 0, 23), (":", 0, 0), ("04", 0, 59), (":", 0, 0), ("05", 0, 59)];

    /// <summary>The text as it is kept, or what is wrong with it.</summary>
    public static (string? Time, string? Problem) Read(string text, bool micro)
    {
        var layout = micro ? Micro : Seconds;
        var rest = text;
        foreach (var (token, low, high) in Parts)
        {
            if (rest.Length < token.Length || !Fits(rest[..token.Length], token))
                return (null, Cannot(text, layout, rest, token));
            if (char.IsDigit(token[0]) && int.Parse(rest.AsSpan(0, token.Length), CultureInfo.InvariantCulture) is var number && (number < low || number > high))
                return (null, $"parsing time {Quoted(text)}: {Name(token)} out of range");
            rest = rest[token.Length..];
        }

        var fraction = Fraction(rest);
        if (micro && fraction.Length < 7)
            return (null, Cannot(text, layout, rest, ".000000"));
        if (micro)
            fraction = fraction[..7];
        rest = rest[fraction.Length..];
        if (Zone(rest) is not { } zone)
            return (null, Cannot(text, layout, rest, "Z07:00"));
        if (rest.Length > zone)
            return (null, $"parsing time {Quoted(text)}: extra text: {Quoted(rest[zone..])}");
        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
            return (null, $"parsing time {Quoted(text)}: day out of range");
        return (micro ? Writes.Timestamps.Micro(time) : Writes.Timestamps.Seconds(time), null);
    }

    private static bool Fits(string part, string token) =>
        char.IsDigit(token[0]) ? part.All(char.IsAsciiDigit) : part == token;

    private static string Fraction(string rest) =>
        rest.Length > 1 && rest[0] is '.' or ',' && char.IsAsciiDigit(rest[1]) ? rest[..1] + string.Concat(rest.Skip(1).TakeWhile(char.IsAsciiDigit)) : "";

    private static int? Zone(string rest)
    {
        if (rest.StartsWith('Z'))
            return 1;
        return rest.Length >= 6 && rest[0] is '+' or '-' && rest[3] == ':'
            && rest[1..3].All(char.IsAsciiDigit) && rest[4..6].All(char.IsAsciiDigit) ? 6 : null;
    }

    private static string Name(string token) => token switch { "01" => "month", "02" => "day", "15" => "hour", "04" => "minute", _ => "second" };

    private static string Cannot(string text, string layout, string rest, string token) =>
        $"parsing time {Quoted(text)} as \"{layout}\": cannot parse {Quoted(rest)} as \"{token}\"";

    private static string Quoted(string text) => Http.FieldProblem.Quote(text);
}
