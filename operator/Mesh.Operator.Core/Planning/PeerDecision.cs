using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>What holds for a pod, and which rules it comes from.</summary>
internal sealed record PeerDecision(PeerPolicy Policy, ValueArray<RuleKey> Rules);
