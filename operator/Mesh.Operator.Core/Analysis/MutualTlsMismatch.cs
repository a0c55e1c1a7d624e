using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis;

/// <summary>A DestinationRule that has clients call a pod in a way the pod does not let in.</summary>
/// <param name="DestinationRule">The rule of the clients.</param>
/// <param name="Path">Where in it the mode of TLS stands.</param>
/// <param name="Mode">What is written there.</param>
/// <param name="Pod">One of the pods.</param>
/// <param name="Port">The pod's port.</param>
/// <param name="PeerAuthentications">What the pod's mode comes from; empty when it has none.</param>
internal sealed record MutualTlsMismatch(RuleKey DestinationRule, string Path, string Mode, ObjectKey Pod, int Port, ValueArray<RuleKey> PeerAuthentications);
