using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Tables;

/// <summary>
/// The paths of printer columns: fields, indexes, [*], and filters by equality (".conditions[?(@.type=='Ready')].status").
/// </summary>
internal sealed partial class JsonPath
{
    private readonly ImmutableArray<Func<JsonElement, IEnumerable<JsonElement>>> steps;

    private JsonPath(ImmutableArray<Func<JsonElement, IEnumerable<JsonElement>>> steps) => this.steps = steps;

    public IEnumerable<JsonElement> Find(JsonElement item)
    {
        IEnumerable<JsonElement> found = [item];
        foreach (var step in steps)
            found = found.SelectMany(step);
        return found;
    }

    /// <exception cref="FormatException">The path uses something this server does not have.</exception>
    public static JsonPath Parse(string text)
    {
        var steps = ImmutableArray.CreateBuilder<Func<JsonElement, IEnumerable<JsonElement>>>();
        var rest = text.Trim().TrimStart('{').TrimEnd('}').TrimStart('$');
        while (rest.Length > 0)
        {
            var match = Step().Match(rest);
            if (!match.Success || match.Length == 0)
                throw new FormatException($"cannot read \"{rest}\" in the path \"{text}\"");
            steps.Add(Read(match));
            rest = rest[match.Length..];
        }

        return new JsonPath(steps.ToImmutable());
    }

    /// <summary>Why a path cannot be read; null when it can.</summary>
    public static string? Problem(string text)
    {
        try
        {
            Parse(text);
            return text.Length == 0 ? "must be a JSON path" : null;
        }
        catch (FormatException problem)
        {
            return problem.Message;
        }
    }

    private static Func<JsonElement, IEnumerable<JsonElement>> Read(Match match)
    {
        if (match.Groups["field"].Success)
        {
            var name = match.Groups["field"].Value.Replace("\\.", ".", StringComparison.Ordinal);
            return item => item.At(name) is { } found ? [found] : [];
        }

        if (match.Groups["quoted"].Success)
        {
            var name = match.Groups["quoted"].Value;
            return item => item.At(name) is { } found ? [found] : [];
        }

        if (match.Groups["index"].Success)
        {
            var index = int.Parse(match.Groups["index"].Value, CultureInfo.InvariantCulture);
            return item => item.ValueKind == JsonValueKind.Array && item.GetArrayLength() is var count && (index < 0 ? index + count : index) is var at && at >= 0 && at < count ? [item[at]] : [];
        }

        if (!match.Groups["left"].Success)
            return static item => item.ValueKind == JsonValueKind.Array ? item.EnumerateArray() : item.Properties().Select(property => property.Value);
        var path = match.Groups["left"].Value.Split('.', StringSplitOptions.RemoveEmptyEntries);
        var value = match.Groups["right"].Value;
        var equal = match.Groups["operator"].Value == "==";
        return item => item.Items().Where(entry => (Plain(entry.At(path)) == value) == equal);
    }

    private static string? Plain(JsonElement? value) => value switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { } other => other.GetRawText(),
    };

    [GeneratedRegex(
        """^(?:\.?(?<field>(?:[A-Za-z0-9_/-]|\\.)+)|\[['"](?<quoted>[^'"]+)['"]\]|\[(?<index>-?[0-9]+)\]|\.?\[?\*\]?|\[\?\(@(?<left>[.A-Za-z0-9_-]+)\s*(?<operator>==|!=)\s*['"]?(?<right>[^'")]*)['"]?\)\])""",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Step();
}
