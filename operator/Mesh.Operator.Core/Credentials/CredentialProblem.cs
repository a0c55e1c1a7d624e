namespace Mesh.Operator.Core.Credentials;

/// <summary>Why a user's Secret cannot be handed over; no word of it repeats anything of a key.</summary>
/// <param name="Code">Of the finding.</param>
/// <param name="Reason">Of the condition ResolvedRefs, one of <see cref="Api.ConditionReasons"/>.</param>
/// <param name="Message">With namespace and name of the Secret.</param>
/// <param name="Remedy">What to do, as a command where one does it.</param>
public sealed record CredentialProblem(string Code, string Reason, string Message, string Remedy);
