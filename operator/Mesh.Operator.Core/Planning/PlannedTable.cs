using System.Collections.Immutable;
using Mesh.Config;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>A route table and the rules whose routes are in it.</summary>
internal sealed record PlannedTable(RouteTable Table, ImmutableArray<RuleKey> Rules);
