namespace Mesh.Cli;

/// <summary>Lengths of time as a person reads them: <c>45s</c>, <c>3m 20s</c>, <c>23h 12m</c>, <c>89d 23h</c>.</summary>
internal static class ShortTime
{
    public static string Of(TimeSpan span)
    {
        if (span < TimeSpan.Zero) return "-" + Of(-span);
        return span switch
        {
            { TotalDays: >= 1 } => Two((int)span.TotalDays, "d", span.Hours, "h"),
            { TotalHours: >= 1 } => Two((int)span.TotalHours, "h", span.Minutes, "m"),
            { TotalMinutes: >= 1 } => Two((int)span.TotalMinutes, "m", span.Seconds, "s"),
            _ => FormattableString.Invariant($"{(int)span.TotalSeconds}s"),
        };
    }

    private static string Two(int major, string majorUnit, int minor, string minorUnit) =>
        FormattableString.Invariant($"{major}{majorUnit}") + (minor == 0 ? "" : FormattableString.Invariant($" {minor}{minorUnit}"));
}
