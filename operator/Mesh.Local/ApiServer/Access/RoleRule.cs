using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Access;

/// <summary>One rule of a role: these verbs on these resources (all objects, or those named), or on these paths.</summary>
internal sealed record RoleRule
{
    public ImmutableArray<string> Verbs { get; init; } = [];

    public ImmutableArray<string> Groups { get; init; } = [];

    public ImmutableArray<string> Resources { get; init; } = [];

    public ImmutableArray<string> Names { get; init; } = [];

    public ImmutableArray<string> Paths { get; init; } = [];

    public static ImmutableArray<RoleRule> Of(JsonElement role) => [.. role.Items("rules").Select(One)];

    public bool Allows(AccessRequest request)
    {
        if (!Has(Verbs, request.Verb))
            return false;
        if (request.Path is { } path)
            return Paths.Any(pattern => CoversPath(pattern, path));
        return Has(Groups, request.Group)
            && Resources.Any(pattern => CoversResource(pattern, request.FullResource))
            && (Names.Length == 0 || Names.Contains(request.Name));
    }

    /// <summary>Everything the other allows this one allows too; the other names one thing of each kind (<see cref="Single"/>).</summary>
    public bool Covers(RoleRule single)
    {
        if (!Has(Verbs, single.Verbs[0]))
            return false;
        if (single.Paths.Length > 0)
            return Paths.Any(pattern => CoversPath(pattern, single.Paths[0]));
        return Has(Groups, single.Groups[0])
            && Resources.Any(pattern => CoversResource(pattern, single.Resources[0]))
            && (Names.Length == 0 || (single.Names.Length > 0 && Names.Contains(single.Names[0])));
    }

    /// <summary>The same as many rules of one verb, one group, one resource and at most one name each.</summary>
    public IEnumerable<RoleRule> Single()
    {
        foreach (var verb in Verbs)
        {
            foreach (var path in Paths)
                yield return new RoleRule { Verbs = [verb], Paths = [path] };
            foreach (var (group, resource) in Groups.SelectMany(group => Resources.Select(resource => (group, resource))))
            {
                var rule = new RoleRule { Verbs = [verb], Groups = [group], Resources = [resource] };
                if (Names.Length == 0)
                    yield return rule;
                foreach (var name in Names)
                    yield return rule with { Names = [name] };
            }
        }
    }

    public JsonObject ToJson()
    {
        var json = new JsonObject { ["verbs"] = List(Verbs) };
        foreach (var (member, values) in (ReadOnlySpan<(string, ImmutableArray<string>)>)[("apiGroups", Groups), ("resources", Resources), ("resourceNames", Names), ("nonResourceURLs", Paths)])
        {
            if (values.Length > 0)
                json[member] = List(values);
        }

        return json;
    }

    private static RoleRule One(JsonElement rule) => new()
    {
        Verbs = Texts(rule, "verbs"),
        Groups = Texts(rule, "apiGroups"),
        Resources = Texts(rule, "resources"),
        Names = Texts(rule, "resourceNames"),
        Paths = Texts(rule, "nonResourceURLs"),
    };

    private static bool Has(ImmutableArray<string> values, string wanted) => values.Any(value => value == "*" || value == wanted);

    /// <summary>"*" is everything; "*/scale" is that aspect of every resource; there is no "pods/*".</summary>
    private static bool CoversResource(string pattern, string resource) =>
        pattern == "*" || pattern == resource
        || (pattern.StartsWith("*/", StringComparison.Ordinal) && resource.EndsWith(pattern[1..], StringComparison.Ordinal));

    private static bool CoversPath(string pattern, string path) =>
        pattern == path || (pattern.EndsWith('*') && path.StartsWith(pattern[..^1], StringComparison.Ordinal));

    private static ImmutableArray<string> Texts(JsonElement rule, string list) => [.. rule.Items(list).Select(item => item.GetString() ?? "")];

    private static JsonArray List(ImmutableArray<string> values) => new([.. values.Select(value => (JsonNode)value)]);
}
