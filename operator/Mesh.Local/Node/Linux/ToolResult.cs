namespace Mesh.Local.Node.Linux;

/// <summary>What a tool left: its exit code and what it wrote.</summary>
internal sealed record ToolResult(int ExitCode, string Output);
