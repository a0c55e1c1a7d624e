namespace Mesh.Local.Faults;

/// <summary>A node: "on", "off" (no power), or "cut" (its cable is pulled).</summary>
public sealed record NodeState(string Name, string Zone, string State);
