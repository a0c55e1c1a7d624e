using Mesh.Config;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>What arrives at a pod, and which Sidecar and DestinationRules say so.</summary>
internal sealed record InboundPlan(InboundConfig Config, ValueArray<RuleKey> Rules);
