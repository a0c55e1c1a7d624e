using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Mesh.Config;

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
        if (property.GetCustomAttribute<MinLengthAttribute>() is { } least && property.GetCustomAttribute<RequiredAttribute>() is null && value is ICollection few && few.Count < least.Length && IsGiven(property, few))
            found.Error(path, few.Count, $"At least {least.Length} is needed here.", "Add one, or leave the field out.");
        if (property.GetCustomAttribute<ListMapKeyAttribute>() is { } key && value is IEnumerable entries)
            Distinct(found, path, key.Key, entries);
        Each(found, path, value, (at, element) => Value(found, at, property, element));
    }

    // An absent list is read as an empty one, so emptiness alone is no mistake unless the property tells the two apart.
    private static bool IsGiven(PropertyInfo property, ICollection value) =>
        value.Count > 0 || new NullabilityInfoContext().Create(property).ReadState == NullabilityState.Nullable;

    private static void Distinct(FindingList found, string path, string key, IEnumerable entries)
    {
        var seen = new HashSet<object>();
        var i = 0;
        foreach (var entry in entries)
        {
            var at = $"{path}[{i++}]";
            var value = ApiFields.Of(entry.GetType()).First(property => ApiFields.NameOf(property) == key).GetValue(entry);
            if (value is not null && !seen.Add(value))
                found.Error($"{at}.{key}", value, "This is there already.", $"Each {key} may stand here once.");
        }
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
        if (value is string text)
            Text(found, path, property, text);
        if (value is not Duration duration)
            return;
        var least = property.GetCustomAttribute<AtLeastAttribute>() is { } bound ? Duration.Parse(bound.Duration) : null;
        if (!duration.IsValid)
            found.Error(path, duration, "This is no duration.", "Write a number with its unit, such as 5s, 0.5s, 250ms or 1h2m.");
        else if (least is not null && duration.Nanoseconds < least.Nanoseconds)
            found.Error(path, duration, $"A duration here is at least {least}.", $"Write {least} or more, or leave the field out.");
    }

    private static void Text(FindingList found, string path, PropertyInfo property, string text)
    {
        var length = property.GetCustomAttribute<StringLengthAttribute>();
        var each = property.GetCustomAttribute<EachAttribute>();
        var (least, most) = (Math.Max(length?.MinimumLength ?? 0, each?.MinLength ?? 0), Math.Min(length?.MaximumLength ?? int.MaxValue, each?.MaxLength ?? int.MaxValue));
        var needed = property.GetCustomAttribute<RequiredAttribute>() is not null && each is null;
        if (text.Length < least && !(text.Length == 0 && needed))
            found.Error(path, text, text.Length == 0 ? "A text is needed here." : $"At least {least} characters are needed here.", "Write it, or leave the field out.");
        if (text.Length > most)
            found.Error(path, text, $"At most {most} characters are taken here; these are {text.Length}.", "Shorten it.");
        if (property.GetCustomAttribute<RegularExpressionAttribute>() is { } expression && text.Length > 0 && !Re2.Compile(expression.Pattern, wholeMatch: false).IsMatch(text))
            found.Error(path, text, "This is not of the form that is taken here.", expression.ErrorMessage ?? $"It must match {expression.Pattern}.");
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
