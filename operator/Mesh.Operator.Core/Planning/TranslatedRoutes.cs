using System.Collections.Immutable;
using Mesh.Config;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>The routes that a VirtualService gives one port, and the rules they are made of: its own and its delegates'.</summary>
internal sealed record TranslatedRoutes(ImmutableArray<Route> Routes, ImmutableArray<RuleKey> Rules)
{
    public bool IsEmpty => Routes.IsEmpty;
}
