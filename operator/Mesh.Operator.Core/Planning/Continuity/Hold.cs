using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning.Continuity;

/// <summary>Something of before that stays in force for a while.</summary>
/// <param name="Rule">The rule that was changed.</param>
/// <param name="Generation">The generation that is not in force yet, or not wholly; of a deleted rule the last it had.</param>
/// <param name="Serving">The generation in force instead; null: none, as if the rule were not there.</param>
/// <param name="Subset">Of a DestinationRule: the subset that stays although it was taken away.</param>
/// <param name="Until">Then it is as written, whatever that breaks.</param>
internal sealed record Hold(RuleKey Rule, long Generation, long? Serving, string Subset, DateTimeOffset Until);
