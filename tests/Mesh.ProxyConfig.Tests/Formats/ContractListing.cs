using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Mesh.Config;
using Mesh.Config.Control;
using Mesh.Config.Formats;

namespace Mesh.ProxyConfig.Tests.Formats;

/// <summary>All that can be said in a contract: each kind of section, each member with its type, each word, one a line; and when it came.</summary>
internal sealed class ContractListing
{
    private readonly JsonSerializerOptions _options;
    private readonly SortedDictionary<string, int> _lines = new(StringComparer.Ordinal);
    private readonly HashSet<Type> _seen = [];
    private readonly List<string> _problems = [];
    private readonly HashSet<Type> _refusing;

    private ContractListing(JsonSerializerOptions options, IEnumerable<Type> refusing) => (_options, _refusing) = (options, [.. refusing]);

    /// <summary>Each line with the format in which its member or word came.</summary>
    public IReadOnlyDictionary<string, int> Lines => _lines;

    /// <summary>What stands in the code and may not be so.</summary>
    public IReadOnlyList<string> Problems => _problems;

    public static ContractListing OfContract()
    {
        var listing = Of(
            ProxyConfigJson.Default.Options, [typeof(Route), typeof(InboundPort)],
            typeof(WorkloadConfig), typeof(MeshSettings), typeof(InboundConfig), typeof(OutboundConfig), typeof(RouteTable), typeof(ClusterSet), typeof(EndpointSet),
            typeof(Manifest), typeof(ControlMessage));
        foreach (var kind in typeof(SectionNames).GetFields(BindingFlags.Public | BindingFlags.Static))
            listing._lines.Add($"section {kind.GetRawConstantValue()}", kind.GetCustomAttribute<SinceAttribute>()?.Format ?? 1);
        return listing;
    }

    /// <param name="refusing">Types that can be made to refuse.</param>
    public static ContractListing Of(JsonSerializerOptions options, IEnumerable<Type> refusing, params Type[] roots)
    {
        var listing = new ContractListing(options, refusing);
        foreach (var root in roots) listing.Add(root, isOptional: true);
        foreach (var root in roots) listing.CheckRefusals(root, []);
        return listing;
    }

    /// <summary>What must not be so between a format and the one before it, whose lines these are.</summary>
    public IEnumerable<string> ProblemsAfter(IReadOnlyCollection<string> before, int format)
    {
        var types = before.Select(TypeOf).ToHashSet(StringComparer.Ordinal);
        foreach (var line in before.Where(line => !_lines.ContainsKey(line))) yield return $"{line}: was in format {format - 1} and is not there as it was; older sidecars are told so still";
        foreach (var (line, since) in _lines.Where(line => !before.Contains(line.Key) && types.Contains(TypeOf(line.Key)) && line.Value != format))
            yield return $"{line}: is new in format {format} and says {since}; give it [Since({format})]";
    }

    private void Add(Type type, bool isOptional)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        if (plain.IsEnum)
        {
            foreach (var word in plain.GetFields(BindingFlags.Public | BindingFlags.Static))
            {
                var since = word.GetCustomAttribute<SinceAttribute>();
                _lines[$"{plain.Name} = {word.Name}"] = since?.Format ?? 1;
                if (since is not null && !isOptional) _problems.Add($"{plain.Name} = {word.Name}: came later, and a member that must be given may hold it");
            }

            return;
        }

        if (!_seen.Add(plain)) return;
        var shape = _options.GetTypeInfo(plain);
        if (shape.ElementType is { } element) Add(element, isOptional: true);
        foreach (var member in shape.Properties)
        {
            var since = FormatRules.SinceOf(member);
            _lines[$"{plain.Name}.{member.Name}: {NameOf(member)}"] = since?.Format ?? 1;
            if (since is not null && (member.IsRequired || !member.IsGetNullable || plain.GetConstructor(Type.EmptyTypes) is null))
                _problems.Add($"{plain.Name}.{member.Name}: came later, so it must be nullable, not required, and no parameter of a constructor");
            Add(member.PropertyType, !member.IsRequired);
        }
    }

    // From the root down without passing what can refuse.
    private void CheckRefusals(Type type, HashSet<Type> above)
    {
        if (_refusing.Contains(type) || !above.Add(type)) return;
        var shape = _options.GetTypeInfo(type);
        if (shape.ElementType is { } element) CheckRefusals(element, above);
        foreach (var member in shape.Properties)
        {
            if (FormatRules.SinceOf(member) is { WithoutIt: WithoutIt.Refuses }) _problems.Add($"{type.Name}.{member.Name}: older sidecars are to refuse without it, and nothing around it can be made to");
            else CheckRefusals(member.PropertyType, above);
        }
    }

    private static string NameOf(JsonPropertyInfo member) =>
        NameOf(member.PropertyType) + (member.IsGetNullable && Nullable.GetUnderlyingType(member.PropertyType) is null ? "?" : "") + (member.IsRequired ? " required" : "");

    private static string NameOf(Type type) => Nullable.GetUnderlyingType(type) is { } plain ? plain.Name + "?"
        : type.IsGenericType ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>" : type.Name;

    private static string TypeOf(string line) => line[..line.IndexOfAny(['.', ' '])];
}
