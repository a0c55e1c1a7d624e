using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace Mesh.Api.Validation;

/// <summary>
/// What the schema says of fields one by one (choices, bounds, durations, what is required), held against a spec that was
/// read: by walking the types, so that no field is forgotten. What fields mean together is for the kind's validator.
/// </summary>
internal static class FieldBounds
{
    /// <summary>Every field out of bounds, at any depth.</summary>
    public static void Check(FindingList found, string path, object value)
    {
        foreach (var property in ApiFields.Of(value.GetType()))
            Field(found, $"{path}.{ApiFields.NameOf(property)}", property, property.GetValue(value));
    }

    private static void Field(FindingList found, string path, PropertyInfo property, object? value)
    {
        if (property.GetCustomAttribute<RequiredAttribute>() is not null && IsNothing(value))
            found.Error(path, value as string, "This is needed.", $"Add {ApiFields.NameOf(property)}.");
        if (value is null)
            return;
        if (property.GetCustomAttribute<MaxLengthAttribute>() is { } most && value is ICollection list && list.Count > most.Length)
            found.Error(path, list.Count, $"There may be at most {most.Length} of these; here are {list.Count}.", "Remove some.");
        Each(found, path, value, (at, element) => Value(found, at, property, element));
    }

    private static void Each(FindingList found, string path, object value, Action<string, object> check)
    {
        switch (value)
        {
            case IDictionary map:
                foreach (DictionaryEntry entry in map)
                    Below(found, $"{path}[{entry.Key}]", entry.Value, check);
                break;
            case IEnumerable list and not string:
                var i = 0;
                foreach (var element in list)
                    Below(found, $"{path}[{i++}]", element, check);
                break;
            default:
                Below(found, path, value, check);
                break;
        }
    }

    private static void Below(FindingList found, string path, object? value, Action<string, object> check)
    {
        if (value is null)
            return;
        if (ApiFields.IsObject(value.GetType()))
            Check(found, path, value);
        else
            check(path, value);
    }

    private static void Value(FindingList found, string path, PropertyInfo property, object value)
    {
        if (property.GetCustomAttribute<AllowedValuesAttribute>() is { } allowed && value is string word && !allowed.Values.Contains(word))
            found.Error(path, word, "There is no such choice.", Spelling.Suggestion(word, allowed.Values.OfType<string>()));
        if (property.GetCustomAttribute<RangeAttribute>() is { } range && !IsWithin(range, value))
            found.Error(path, value, $"A number here is {Bounds(range)}.", "Write such a number.");
        if (value is not Duration duration)
            return;
        var least = property.GetCustomAttribute<AtLeastAttribute>() is { } bound ? Duration.Parse(bound.Duration) : null;
        if (!duration.IsValid)
            found.Error(path, duration, "This is no duration.", "Write a number with its unit, such as 5s, 0.5s, 250ms or 1h2m.");
        else if (least is not null && duration.Nanoseconds < least.Nanoseconds)
            found.Error(path, duration, $"A duration here is at least {least}.", $"Write {least} or more, or leave the field out.");
    }

    private static bool IsNothing(object? value) => value is null or "" or ICollection { Count: 0 };

    private static bool IsWithin(RangeAttribute range, object value)
    {
        var number = Convert.ToDouble(value, CultureInfo.InvariantCulture);
        return number >= Convert.ToDouble(range.Minimum, CultureInfo.InvariantCulture) && number <= Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture);
    }

    private static string Bounds(RangeAttribute range) =>
        range.Maximum is int.MaxValue or double.MaxValue ? $"{range.Minimum} or more" : $"between {range.Minimum} and {range.Maximum}";
}
