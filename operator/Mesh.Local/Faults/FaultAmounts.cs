using System.Globalization;

namespace Mesh.Local.Faults;

/// <summary>Amounts as tc writes them: 200ms, 1.5s; 10%; 500kbit, 1mbit. Each answers null for what it cannot read.</summary>
public static class FaultAmounts
{
    /// <summary>Milliseconds.</summary>
    public static double? Time(string text) =>
        Number(text, "ms") ?? (Number(text, "us") is { } micro ? micro / 1000 : Number(text, "s") * 1000);

    public static double? Percent(string text) => Number(text, "%");

    /// <summary>Bits a second.</summary>
    public static long? Rate(string text) =>
        (long?)((Number(text, "gbit") * 1e9) ?? (Number(text, "mbit") * 1e6) ?? (Number(text, "kbit") * 1e3) ?? Number(text, "bit"));

    private static double? Number(string text, string unit) =>
        text.EndsWith(unit, StringComparison.OrdinalIgnoreCase)
        && double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : null;
}
