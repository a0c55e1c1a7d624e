using System.Globalization;

namespace Mesh.Local.ApiServer.Json;

/// <summary>Numbers as Go writes them after it has read them without knowing their type: whole ones exact, others as float64.</summary>
internal static class GoNumbers
{
    /// <exception cref="OverflowException">No float64 is that large.</exception>
    public static string Canonical(string text)
    {
        if (IsWhole(text) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
            return text;
        var value = double.Parse(text, CultureInfo.InvariantCulture);
        if (!double.IsFinite(value))
            throw new OverflowException(text);
        return Of(value);
    }

    /// <summary>Without exponent between 1e-6 and 1e21.</summary>
    public static string Of(double value)
    {
        if (value == 0)
            return double.IsNegative(value) ? "-0" : "0";
        if (Math.Abs(value) is >= 1e-6 and < 1e21)
            return Plain(value.ToString("R", CultureInfo.InvariantCulture));
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        return text.Replace("E", "e", StringComparison.Ordinal).Replace("e-0", "e-", StringComparison.Ordinal);
    }

    private static bool IsWhole(string text) => text.AsSpan().IndexOfAny('.', 'e', 'E') < 0;

    private static string Plain(string text)
    {
        var exponent = text.IndexOf('E', StringComparison.Ordinal);
        return exponent < 0 ? text : decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture).ToString("0.#############################", CultureInfo.InvariantCulture);
    }
}
