namespace Mesh.Local.ApiServer;

/// <summary>How many characters a terminal shows.</summary>
public readonly record struct TerminalSize(ushort Width, ushort Height);
