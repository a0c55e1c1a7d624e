using System.Collections.Immutable;

namespace Mesh.Config.Formats;

/// <summary>A section as one format has it.</summary>
/// <param name="Section">The section; <c>null</c> where the format has no section of the kind.</param>
/// <param name="Losses">What the format cannot say; mostly nothing.</param>
public sealed record SectionRendering(Section? Section, ImmutableArray<FormatLoss> Losses);
