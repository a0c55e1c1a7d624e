namespace Mesh.Sidecar.Health;

/// <summary>One member left out for a while.</summary>
/// <param name="Reason">What it did, in words.</param>
/// <param name="Since">Since when.</param>
/// <param name="Until">Until when at least; it comes back at the next look after that.</param>
/// <param name="Due">The same as a timestamp.</param>
public sealed record Ejection(string Reason, DateTimeOffset Since, DateTimeOffset Until, long Due);
