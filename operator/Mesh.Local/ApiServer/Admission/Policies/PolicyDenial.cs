namespace Mesh.Local.ApiServer.Admission.Policies;

/// <summary>Why a policy does not let a call pass; without a reason it is invalid.</summary>
internal sealed record PolicyDenial(string Message, string? Reason = null);
