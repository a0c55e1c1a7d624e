using System.Globalization;
using System.Text.Json;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Schema.Cel;

/// <summary>A length of time, in nanoseconds as CEL counts it.</summary>
internal readonly record struct CelDuration(long Nanoseconds);

/// <summary>Values of JSON as values of CEL, and how values are compared and written.</summary>
internal static class CelValues
{
    /// <summary>A value by the type its schema says.</summary>
    public static object? From(JsonElement value, JsonElement? schema) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Object => new CelObject(value, schema),
        JsonValueKind.Array => value.EnumerateArray().Select(item => From(item, schema?.At("items"))).ToList(),
        JsonValueKind.Number => schema?.Text("type") != "number" && value.TryGetInt64(out var whole) ? (object)whole : value.GetDouble(),
        _ => Text(value.GetString()!, schema?.Text("format")),
    };

    /// <summary>Equality over all types; numbers are equal by value.</summary>
    public static bool AreEqual(object? one, object? other) => (one, other) switch
    {
        (null, null) => true,
        (null, _) or (_, null) => false,
        (long a, double b) => a == b,
        (double a, long b) => a == b,
        (List<object?> a, List<object?> b) => a.Count == b.Count && a.Zip(b).All(p => AreEqual(p.First, p.Second)),
        (ICelFields a, ICelFields b) => a.Count == b.Count && a.Keys.All(k => b.Has(k) && AreEqual(a[k], b[k])),
        (CelOptional a, CelOptional b) => a.HasValue == b.HasValue && AreEqual(a.Value, b.Value),
        _ => one.Equals(other),
    };

    /// <summary>Order of two values of one kind.</summary>
    public static int Compare(object? one, object? other) => (one, other) switch
    {
        (long a, long b) => a.CompareTo(b),
        (double a, double b) => a.CompareTo(b),
        (long a, double b) => ((double)a).CompareTo(b),
        (double a, long b) => a.CompareTo((double)b),
        (string a, string b) => string.CompareOrdinal(a, b),
        (bool a, bool b) => a.CompareTo(b),
        (CelDuration a, CelDuration b) => a.Nanoseconds.CompareTo(b.Nanoseconds),
        (DateTimeOffset a, DateTimeOffset b) => a.CompareTo(b),
        _ => throw new CelError("no such overload"),
    };

    /// <summary>A length of time from its text: <c>1h30m</c>, <c>250ms</c>.</summary>
    public static CelDuration Duration(string text) => Api.Duration.Parse(text).Nanoseconds is { } nanoseconds
        ? new CelDuration(nanoseconds)
        : throw new CelError($"time: invalid duration \"{text}\"");

    /// <summary>A time from its text.</summary>
    public static DateTimeOffset Timestamp(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : throw new CelError($"invalid timestamp \"{text}\"");

    private static object Text(string text, string? format) => format switch
    {
        "date-time" or "date" => Timestamp(text),
        "duration" => Duration(text),
        _ => text,
    };
}
