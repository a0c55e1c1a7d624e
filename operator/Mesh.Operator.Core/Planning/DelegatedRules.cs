using System.Collections.Immutable;

namespace Mesh.Operator.Core.Planning;

/// <summary>What came of a rule that delegates.</summary>
/// <param name="Rules">The delegate's rules as they act.</param>
/// <param name="Dropped">Those of the delegate that cannot be narrowed to what the delegating rule takes.</param>
internal sealed record DelegatedRules(ImmutableArray<HttpRule> Rules, ImmutableArray<DroppedRule> Dropped);
