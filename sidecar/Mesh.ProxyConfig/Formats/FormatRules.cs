using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Mesh.Config.Formats;

/// <summary>
/// Which parts of some JSON came in which format, by <see cref="SinceAttribute"/> on the records it is made of; and the same JSON
/// for an older one.
/// </summary>
/// <param name="options">Names and types of the records.</param>
/// <param name="refusals">How a record is made to refuse what it would let through; told why.</param>
public sealed class FormatRules(JsonSerializerOptions options, IReadOnlyDictionary<Type, Action<JsonObject, string>> refusals)
{
    private readonly ConcurrentDictionary<Type, int> newest = new();

    /// <summary>Those of the contract.</summary>
    public static FormatRules Contract { get; } = new(ProxyConfigJson.Default.Options, new Dictionary<Type, Action<JsonObject, string>>
    {
        [typeof(Route)] = Refusing.Break,
        [typeof(InboundPort)] = Refusing.Close,
    });

    /// <summary>The oldest format that says all of this.</summary>
    public int FormatOf(ReadOnlySpan<byte> json, Type type)
    {
        // Mostly nothing of a type is newer than the first format, and then its text need not be looked at.
        if (NewestOf(type) <= 1) return 1;
        var finder = new NewerParts(options, refusals);
        finder.Look(JsonNode.Parse(json), type);
        return finder.Found.Select(part => part.Since.Format).DefaultIfEmpty(1).Max();
    }

    /// <summary>The same text as the format has it, and what it cannot say.</summary>
    public (byte[] Json, IReadOnlyList<FormatLoss> Losses) Render(ReadOnlySpan<byte> json, Type type, string section, int format)
    {
        var root = JsonNode.Parse(json);
        var finder = new NewerParts(options, refusals);
        finder.Look(root, type);
        var newer = finder.Found.Where(part => part.Since.Format > format).ToList();
        foreach (var part in newer) part.Remove();
        foreach (var part in newer.Where(part => part.Since.WithoutIt == WithoutIt.Refuses))
        {
            if (part.Refuse is not { } refuse) throw new InvalidOperationException($"{section}: {part.Path} refuses without it, and nothing around it can");
            refuse($"The sidecar is too old for {part.Path[(part.Path.LastIndexOf('.') + 1)..]}.");
        }

        return (JsonSerializer.SerializeToUtf8Bytes(root!, NodeJson.Default.JsonNode), [.. newer.Select(part => new FormatLoss(section, part.Path, part.Origin, part.Since.Format, part.Since.WithoutIt == WithoutIt.Refuses))]);
    }

    /// <summary>The newest format in which something came that a value of this type may hold.</summary>
    public int NewestOf(Type type)
    {
        if (newest.TryGetValue(type, out var known)) return known;
        var seen = new HashSet<Type>();
        var found = Newest(type, seen);
        newest[type] = found;
        return found;
    }

    private int Newest(Type type, HashSet<Type> seen)
    {
        if (!seen.Add(type)) return 1;
        if (WordsOf(type) is { Count: > 0 } words) return words.Values.Max(since => since.Format);
        var shape = options.GetTypeInfo(type);
        var inside = shape.ElementType is { } element ? Newest(element, seen) : 1;
        return shape.Properties.Select(member => Math.Max(SinceOf(member)?.Format ?? 1, Newest(member.PropertyType, seen))).Append(inside).Max();
    }

    /// <summary>When a member came; <c>null</c>: with the first format.</summary>
    internal static SinceAttribute? SinceOf(JsonPropertyInfo member) =>
        member.AttributeProvider?.GetCustomAttributes(typeof(SinceAttribute), false) is [SinceAttribute since, ..] ? since : null;

    /// <summary>The words of an enum that came later; nothing for what is no enum.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "Only the operator writes configs, and it is not trimmed.")]
    internal static Dictionary<string, SinceAttribute> WordsOf(Type type)
    {
        var words = Nullable.GetUnderlyingType(type) ?? type;
        if (!words.IsEnum) return [];
        return words.GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (field.Name, Since: field.GetCustomAttribute<SinceAttribute>()))
            .Where(word => word.Since is not null)
            .ToDictionary(word => word.Name, word => word.Since!, StringComparer.Ordinal);
    }
}
