using System.Collections.Immutable;

namespace Mesh.Operator.Core.Credentials;

/// <summary>A credential that was read: what everyone may know of it, and the files that are handed over. Held by the operator's process alone.</summary>
/// <param name="Facts">For the snapshot.</param>
/// <param name="Files">By the name that a config gives them.</param>
/// <param name="Until">When it is to be judged anew, since the certificate runs out or begins; null where nothing depends on the time.</param>
public sealed record ReadCredential(UserCredential Facts, ImmutableSortedDictionary<string, string> Files, DateTimeOffset? Until)
{
    /// <summary>Says nothing of its files, wherever it is written.</summary>
    public override string ToString() => $"{Facts}";
}
