using System.Collections.Immutable;
using Mesh.Config;

namespace Mesh.Operator.Control;

/// <summary>What a proxy should hold, and when that was decided.</summary>
/// <param name="Hash">Of the whole config.</param>
/// <param name="Sections">The config.</param>
/// <param name="PlannedAt">Timestamp of the plan, for the time until it is acknowledged.</param>
internal sealed record PushOffer(string Hash, ImmutableArray<Section> Sections, long PlannedAt);
