using System.Collections.Immutable;

namespace Mesh.Operator.Core.Explain;

/// <summary>One HTTP rule of the VirtualService that speaks for a host, as one caller meets it.</summary>
/// <param name="Origin">As routes name it: <c>VirtualService/NAMESPACE/NAME#http[2]</c>.</param>
/// <param name="Name">Its own name; empty without.</param>
/// <param name="Untold">What of it the caller's proxy is not told, a reason each.</param>
public sealed record RuleView(string Origin, string Name, ImmutableArray<string> Untold);
