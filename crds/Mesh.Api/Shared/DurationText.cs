namespace Mesh.Api;

/// <summary>The grammar of durations: an optional sign, then numbers each with its unit (h, m, s, ms, us, ns), summed up.</summary>
internal static class DurationText
{
    private static readonly (string Unit, long Nanoseconds)[] Units =
    [
        ("ns", 1), ("us", 1_000), ("µs", 1_000), ("μs", 1_000), ("ms", 1_000_000),
        ("s", 1_000_000_000), ("m", 60_000_000_000), ("h", 3_600_000_000_000),
    ];

    /// <summary>The value in nanoseconds, or <c>null</c> when the text is no duration or beyond 292 years.</summary>
    public static long? ToNanoseconds(string text)
    {
        var rest = text.AsSpan();
        var negative = false;
        if (rest is ['-' or '+', ..])
        {
            negative = rest[0] == '-';
            rest = rest[1..];
        }

        if (rest is "0")
            return 0;
        if (rest.IsEmpty)
            return null;

        decimal total = 0;
        while (!rest.IsEmpty)
        {
            if (Number(ref rest) is not { } number || Unit(ref rest) is not { } unit)
                return null;
            total += number * unit;
            if (total > long.MaxValue)
                return null;
        }

        return (long)(negative ? -total : total);
    }

    private static decimal? Number(ref ReadOnlySpan<char> rest)
    {
        var length = rest.IndexOfAnyExcept("0123456789.");
        if (length is < 1 or > 20)
            return null;
        var digits = rest[..length];
        rest = rest[length..];
        return digits is "." || !decimal.TryParse(digits, System.Globalization.NumberStyles.AllowDecimalPoint,
            System.Globalization.CultureInfo.InvariantCulture, out var number) ? null : number;
    }

    private static long? Unit(ref ReadOnlySpan<char> rest)
    {
        var length = rest.IndexOfAny("0123456789.");
        var name = length < 0 ? rest : rest[..length];
        foreach (var (unit, nanoseconds) in Units)
        {
            if (!name.SequenceEqual(unit))
                continue;
            rest = rest[name.Length..];
            return nanoseconds;
        }

        return null;
    }
}
