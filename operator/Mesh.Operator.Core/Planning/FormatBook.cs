using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Mesh.Config;
using Mesh.Config.Formats;

namespace Mesh.Operator.Core.Planning;

/// <summary>
/// Sections as older sidecars read them, made once for all pods that are told the same. It goes from plan to plan and keeps
/// what it made for as long as the section it was made of.
/// </summary>
internal sealed class FormatBook
{
    private readonly ConditionalWeakTable<Section, ConcurrentDictionary<int, SectionRendering>> made = [];

    /// <summary>A config for a sidecar that reads no newer format, and what it loses by that; mostly the same and nothing.</summary>
    public (ImmutableArray<Section> Sections, ImmutableArray<FormatLoss> Losses) Render(ImmutableArray<Section> sections, int format)
    {
        if (sections.All(section => section.Format <= format)) return (sections, []);
        var rendered = sections.Select(section => section.Format <= format ? new SectionRendering(section, []) : Made(section, format)).ToList();
        return ([.. rendered.Select(one => one.Section).OfType<Section>()], [.. rendered.SelectMany(one => one.Losses)]);
    }

    private SectionRendering Made(Section section, int format) => made.GetOrCreateValue(section).GetOrAdd(format, section.RenderFor);
}
