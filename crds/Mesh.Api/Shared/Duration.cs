using System.Globalization;
using System.Text.Json.Serialization;

namespace Mesh.Api;

/// <summary>
/// A length of time as users write it: <c>5s</c>, <c>0.5s</c>, <c>250ms</c>, <c>1h2m</c>. A text that is no duration is kept
/// as written and has no value, so that one bad field never keeps the rest of an object from being read.
/// </summary>
[JsonConverter(typeof(DurationConverter))]
public sealed record Duration
{
    private const long NanosecondsPerMillisecond = 1_000_000;

    private Duration(string text, long? nanoseconds) => (Text, Nanoseconds) = (text, nanoseconds);

    /// <summary>As the user wrote it.</summary>
    public string Text { get; }

    /// <summary>In nanoseconds, the unit of the wire format; <c>null</c> when the text is no duration.</summary>
    public long? Nanoseconds { get; }

    /// <summary>Whether the text is a duration.</summary>
    public bool IsValid => Nanoseconds is not null;

    /// <summary>As a time span; <c>null</c> when the text is no duration.</summary>
    public TimeSpan? Value => Nanoseconds is { } n ? TimeSpan.FromTicks(n / TimeSpan.NanosecondsPerTick) : null;

    /// <summary>Whether it can be told in whole milliseconds, the finest the API allows.</summary>
    public bool IsWholeMilliseconds => Nanoseconds is { } n && n % NanosecondsPerMillisecond == 0;

    /// <summary>Whether it can be told in whole seconds.</summary>
    public bool IsWholeSeconds => Nanoseconds is { } n && n % (1000 * NanosecondsPerMillisecond) == 0;

    /// <summary>Reads a text; never fails, see <see cref="IsValid"/>.</summary>
    public static Duration Parse(string text) => new(text, DurationText.ToNanoseconds(text));

    /// <summary>From a time span.</summary>
    public static Duration FromTimeSpan(TimeSpan value) =>
        Parse(((decimal)value.Ticks / TimeSpan.TicksPerSecond).ToString("0.#######", CultureInfo.InvariantCulture) + "s");

    /// <inheritdoc/>
    public override string ToString() => Text;
}
