using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Mesh.Local.ApiServer.Json;

/// <summary>YAML in and out. Plain scalars are read as YAML 1.1 does, as Kubernetes' own reader: "yes" and "y" are booleans.</summary>
internal static partial class YamlText
{
    /// <summary>Longer texts are folded at spaces.</summary>
    private const int LineWidth = 80;

    public static string Write(JsonElement element)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        var emitter = new Emitter(text, new EmitterSettings(2, LineWidth, false, 1024, true));
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, true));
        Emit(emitter, element);
        emitter.Emit(new DocumentEnd(true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    /// <summary>What a scalar without quotes stands for.</summary>
    public static JsonNode? Plain(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => null,
        "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON" or "y" or "Y" => JsonValue.Create(true),
        "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF" or "n" or "N" => JsonValue.Create(false),
        _ when WholeNumber().IsMatch(text) => JsonNode.Parse(text),
        _ when LooseNumber().Match(text) is { Success: true } loose => Decimal(loose),
        _ when OctalNumber().IsMatch(text) => JsonValue.Create(Convert.ToInt64(text.TrimStart('0', 'o').PadLeft(1, '0'), 8)),
        _ when HexNumber().IsMatch(text) => JsonValue.Create(Convert.ToInt64(text[2..], 16)),
        _ => JsonValue.Create(text),
    };

    /// <summary>"+1", "1_000", ".5" and "1." are numbers too, which JSON writes in another way.</summary>
    private static JsonNode? Decimal(Match loose)
    {
        var whole = loose.Groups[2].Value.Replace("_", "", StringComparison.Ordinal).TrimStart('0');
        var fraction = loose.Groups[3].Value.TrimStart('.');
        var text = (loose.Groups[1].Value == "-" ? "-" : "") + (whole.Length == 0 ? "0" : whole)
            + (fraction.Length == 0 ? "" : "." + fraction) + loose.Groups[4].Value;
        return JsonNode.Parse(GoNumbers.Canonical(text));
    }

    private static void Emit(Emitter emitter, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                emitter.Emit(new MappingStart(null, null, true, element.GetPropertyCount() == 0 ? MappingStyle.Flow : MappingStyle.Block));
                foreach (var property in element.EnumerateObject().OrderBy(one => one.Name, StringComparer.Ordinal))
                {
                    Scalar(emitter, property.Name);
                    Emit(emitter, property.Value);
                }

                emitter.Emit(new MappingEnd());
                break;
            case JsonValueKind.Array:
                emitter.Emit(new SequenceStart(null, null, true, element.GetArrayLength() == 0 ? SequenceStyle.Flow : SequenceStyle.Block));
                foreach (var item in element.EnumerateArray())
                    Emit(emitter, item);
                emitter.Emit(new SequenceEnd());
                break;
            case JsonValueKind.String:
                Scalar(emitter, element.GetString()!);
                break;
            default:
                emitter.Emit(new Scalar(element.GetRawText()));
                break;
        }
    }

    /// <summary>A text that would be read back as something else is quoted.</summary>
    private static void Scalar(Emitter emitter, string text)
    {
        var plain = Plain(text) is JsonValue value && value.GetValueKind() == JsonValueKind.String && !Timestamp().IsMatch(text);
        var style = plain ? text.Contains('\n', StringComparison.Ordinal) ? ScalarStyle.Literal : ScalarStyle.Any : ScalarStyle.DoubleQuoted;
        emitter.Emit(new Scalar(null, null, text, style, true, true));
    }

    [GeneratedRegex("^-?(0|[1-9][0-9]*)$", RegexOptions.CultureInvariant)]
    private static partial Regex WholeNumber();

    // Not a leading zero, which makes a number octal.
    [GeneratedRegex(@"^([-+]?)([1-9][0-9_]*|0(?![0-9_])|(?=\.[0-9]))(\.[0-9]*)?([eE][-+]?[0-9]+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex LooseNumber();

    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}([Tt ].*)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Timestamp();

    [GeneratedRegex("^0o?[0-7]{1,21}$", RegexOptions.CultureInvariant)]
    private static partial Regex OctalNumber();

    [GeneratedRegex("^0x[0-9a-fA-F]{1,15}$", RegexOptions.CultureInvariant)]
    private static partial Regex HexNumber();
}
