namespace Mesh.Config;

/// <summary>A port whose mode differs from the workload's.</summary>
/// <param name="Port">Port the application listens on.</param>
/// <param name="Mode">What it takes.</param>
public sealed record PortMutualTls(int Port, MutualTlsMode Mode);
