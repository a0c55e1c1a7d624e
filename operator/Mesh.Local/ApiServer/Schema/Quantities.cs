using System.Globalization;
using System.Text.RegularExpressions;

namespace Mesh.Local.ApiServer.Schema;

/// <summary>
/// Amounts ("500m", "1.5Gi") in the form Kubernetes keeps them: no fraction, the largest suffix that fits, nothing finer than
/// a nano.
/// </summary>
internal static partial class Quantities
{
    private const string Shape = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
    private static readonly string[] Binary = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    private static readonly (string Suffix, int Exponent)[] Decimal =
        [("E", 18), ("P", 15), ("T", 12), ("G", 9), ("M", 6), ("k", 3), ("", 0), ("m", -3), ("u", -6), ("n", -9)];

    /// <summary>The text as it is kept, or what is wrong with it.</summary>
    public static (string? Kept, string? Problem) Read(string text)
    {
        var parts = Pattern().Match(text);
        if (!parts.Success)
            return (null, Shape);
        if (!decimal.TryParse(parts.Groups[1].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            return (null, "unable to parse numeric part of quantity");
        var suffix = parts.Groups[2].Value;
        try
        {
            if (Array.IndexOf(Binary, suffix) is > 0 and var power)
                return (OfBinary(number * (decimal)Math.Pow(1024, power)), null);
            if (Decimal.FirstOrDefault(one => one.Suffix == suffix) is { Suffix: not null } known)
                return (OfDecimal(number * Ten(known.Exponent), exponents: false), null);
            return suffix[0] is 'e' or 'E' && int.TryParse(suffix.AsSpan(1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent)
                ? (OfDecimal(number * Ten(exponent), exponents: true), null)
                : (null, "unable to parse quantity's suffix");
        }
        catch (OverflowException)
        {
            // Kubernetes caps what does not fit 64 bits.
            return (number < 0 ? "-9223372036854775808" : "9223372036854775807", null);
        }
    }

    private static string OfBinary(decimal value)
    {
        if (value is > -1024 and < 1024)
            return OfDecimal(value, exponents: false);
        value = Up(value);
        var power = 0;
        while (power < Binary.Length - 1 && value % 1024 == 0)
        {
            value /= 1024;
            power++;
        }

        return Text(value) + Binary[power];
    }

    private static string OfDecimal(decimal value, bool exponents)
    {
        value = Up(value * 1_000_000_000m) / 1_000_000_000m;
        if (value == 0)
            return "0";
        foreach (var (suffix, exponent) in Decimal)
        {
            var mantissa = value / Ten(exponent);
            if (mantissa == decimal.Truncate(mantissa))
                return Text(mantissa) + (exponents && exponent != 0 ? "e" + exponent.ToString(CultureInfo.InvariantCulture) : exponents ? "" : suffix);
        }

        return Text(value);
    }

    /// <summary>To the next whole number away from zero.</summary>
    private static decimal Up(decimal value) => value < 0 ? decimal.Floor(value) : decimal.Ceiling(value);

    private static decimal Ten(int exponent)
    {
        if (exponent is > 28 or < -28)
            throw new OverflowException();
        return decimal.Parse("1e" + exponent.ToString(CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture);
    }

    private static string Text(decimal value) => value.ToString("0", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
