using System.Collections.Immutable;

namespace Mesh.Operator.Core.Status;

/// <summary>Who speaks clear text to the pods of a PeerAuthentication.</summary>
/// <param name="Lines">One for each, for the status.</param>
/// <param name="StrictReady">Whether STRICT would refuse none of them.</param>
internal sealed record ClearTextCallers(ImmutableArray<string> Lines, Statement StrictReady);
