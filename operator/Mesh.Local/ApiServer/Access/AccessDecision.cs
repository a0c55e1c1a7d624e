namespace Mesh.Local.ApiServer.Access;

/// <summary>Whether it is allowed, and by which binding; of a refusal, what kept a binding from allowing it.</summary>
internal sealed record AccessDecision(bool Allowed, string Reason);
