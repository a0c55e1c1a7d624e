namespace Mesh.Local.Controllers.Jobs;

/// <summary>How a Job ended: Complete or Failed, and why.</summary>
internal sealed record JobVerdict(string Type, string Reason, string Message);
