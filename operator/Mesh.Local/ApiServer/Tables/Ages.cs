using System.Globalization;

namespace Mesh.Local.ApiServer.Tables;

/// <summary>Lengths of time as kubectl shows them: two units while the first is small, one when it is not.</summary>
internal static class Ages
{
    public static string Since(string? time, DateTimeOffset now) =>
        DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var then)
            ? Short(now - then)
            : "<unknown>";

    public static string Short(TimeSpan span)
    {
        var seconds = (long)span.TotalSeconds;
        if (seconds < -1)
            return "<invalid>";
        if (seconds < 0)
            return "0s";
        if (seconds < 120)
            return $"{seconds}s";
        var minutes = seconds / 60;
        if (minutes < 10)
            return Two(minutes, 'm', seconds % 60, 's');
        if (minutes < 180)
            return $"{minutes}m";
        var hours = minutes / 60;
        if (hours < 8)
            return Two(hours, 'h', minutes % 60, 'm');
        if (hours < 48)
            return $"{hours}h";
        var days = hours / 24;
        if (days < 8)
            return Two(days, 'd', hours % 24, 'h');
        if (days < 730)
            return $"{days}d";
        var years = days / 365;
        return years < 8 ? Two(years, 'y', days % 365, 'd') : $"{years}y";
    }

    private static string Two(long first, char unit, long second, char smaller) =>
        second == 0 ? $"{first}{unit}" : $"{first}{unit}{second}{smaller}";
}
