using System.Collections.Immutable;

namespace Mesh.Local.ApiServer.Resources;

/// <summary>
/// All kinds served at this moment, in discovery's order. Immutable; the server swaps the whole when a definition comes,
/// changes or goes, so a request sees one catalogue from beginning to end.
/// </summary>
internal sealed class ResourceCatalog
{
    private readonly Dictionary<(string Group, string Plural), ApiResource> byPath;

    public ResourceCatalog(ImmutableArray<ApiResource> resources)
    {
        Resources = [.. resources.OrderBy(resource => GroupOrder.Of(resource.Group)).ThenBy(resource => resource.Group, StringComparer.Ordinal)
            .ThenBy(resource => resource.Plural, StringComparer.Ordinal)];
        byPath = resources.ToDictionary(resource => (resource.Group, resource.Plural));
        Groups = [.. Resources.Select(resource => resource.Group).Distinct()];
    }

    public ImmutableArray<ApiResource> Resources { get; }

    /// <summary>Group names in order; the core group is "".</summary>
    public ImmutableArray<string> Groups { get; }

    public ApiResource? Find(string group, string plural) => byPath.GetValueOrDefault((group, plural));

    public ApiResource? FindKind(string group, string kind) =>
        Resources.FirstOrDefault(resource => resource.Group == group && resource.Kind == kind);

    public bool IsBuiltIn(string group) => Resources.Any(resource => resource.Group == group && !resource.IsCustom);

    public IEnumerable<ApiResource> In(string group) => Resources.Where(resource => resource.Group == group);

    /// <summary>Served versions of a group, best first: v2 before v1, stable before beta before alpha.</summary>
    public IEnumerable<string> VersionsOf(string group) => In(group)
        .SelectMany(resource => resource.Versions.Where(version => version.Served).Select(version => version.Name))
        .Distinct()
        .OrderDescending(VersionOrder.Instance);

    public ResourceCatalog WithCustom(IEnumerable<ApiResource> custom) => new(
        [.. Resources.Where(resource => !resource.IsCustom), .. custom]);
}
