namespace Mesh.Operator.Core.Credentials;

/// <summary>What can be handed over of a user's Secret: a file with this hash, or nothing.</summary>
/// <param name="Sha256">Lower-case hex; empty where there is a problem.</param>
/// <param name="Problem">Why there is none; null where there is.</param>
public sealed record CredentialPart(string Sha256, CredentialProblem? Problem);
