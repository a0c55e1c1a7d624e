using Mesh.Config;

namespace Mesh.Operator.Core.Planning;

/// <summary>
/// Gives the same instance for the same content: within a plan (scopes that are told the same share one section) and from
/// one plan to the next. A pool lives for one plan and is filled with what the plan before held.
/// </summary>
internal sealed class SectionPool
{
    private readonly Dictionary<(string Name, string Hash), Section> sections = [];

    public void Seed(IEnumerable<Section> known)
    {
        foreach (var section in known) sections.TryAdd((section.Name, section.Hash), section);
    }

    public Section Intern(Section section)
    {
        if (sections.TryGetValue((section.Name, section.Hash), out var known)) return known;
        sections.Add((section.Name, section.Hash), section);
        return section;
    }
}
