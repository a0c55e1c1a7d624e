using System.Collections.Immutable;

namespace Mesh.Operator.Core.Explain;

/// <summary>Which VirtualService speaks for a host to a caller, and why no other does.</summary>
/// <param name="Rules">The rules of the one that does, in order; empty without one.</param>
/// <param name="Others">A line for each that names the host and has no say.</param>
public sealed record HostView(ImmutableArray<RuleView> Rules, ImmutableArray<string> Others);
