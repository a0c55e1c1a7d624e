using System.Globalization;
using System.Text;

namespace Mesh.Sidecar.Telemetry;

/// <summary>A time in a pattern of strftime, with Envoy's <c>%3f</c>, <c>%6f</c> and <c>%9f</c> for parts of a second; UTC.</summary>
internal static class TimePattern
{
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    /// <summary>The time in this pattern; without one as in the default line, to the millisecond.</summary>
    public static string Write(DateTimeOffset moment, string pattern)
    {
        var time = moment.UtcDateTime;
        if (pattern.Length == 0) return time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", Culture);
        var result = new StringBuilder();
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] != '%' || i + 1 == pattern.Length) result.Append(pattern[i]);
            else if (char.IsAsciiDigit(pattern[i + 1]) && i + 2 < pattern.Length && pattern[i + 2] == 'f') result.Append(Fraction(time, pattern[(i += 2) - 1] - '0'));
            else result.Append(Part(time, pattern[++i]));
        }

        return result.ToString();
    }

    private static string Fraction(DateTime time, int digits)
    {
        var nanoseconds = (time.Ticks % TimeSpan.TicksPerSecond * 100).ToString("D9", Culture);
        return nanoseconds[..Math.Min(digits, 9)];
    }

    private static string Part(DateTime time, char letter) => letter switch
    {
        'Y' => time.ToString("yyyy", Culture),
        'y' => time.ToString("yy", Culture),
        'm' => time.ToString("MM", Culture),
        'd' => time.ToString("dd", Culture),
        'e' => time.Day.ToString(Culture).PadLeft(2),
        'H' => time.ToString("HH", Culture),
        'I' => time.ToString("hh", Culture),
        'M' => time.ToString("mm", Culture),
        'S' => time.ToString("ss", Culture),
        'f' => Fraction(time, 9),
        'j' => time.DayOfYear.ToString("D3", Culture),
        'p' => time.ToString("tt", Culture),
        'a' => time.ToString("ddd", Culture),
        'A' => time.ToString("dddd", Culture),
        'b' or 'h' => time.ToString("MMM", Culture),
        'B' => time.ToString("MMMM", Culture),
        'T' => time.ToString("HH:mm:ss", Culture),
        'F' => time.ToString("yyyy-MM-dd", Culture),
        'D' => time.ToString("MM'/'dd'/'yy", Culture),
        'R' => time.ToString("HH:mm", Culture),
        's' => new DateTimeOffset(time).ToUnixTimeSeconds().ToString(Culture),
        'z' => "+0000",
        'Z' => "UTC",
        'n' => "\n",
        't' => "\t",
        '%' => "%",
        _ => $"%{letter}",
    };
}
