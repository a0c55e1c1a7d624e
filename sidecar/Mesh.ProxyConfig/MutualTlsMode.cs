namespace Mesh.Config;

/// <summary>What a port of the application takes from its callers.</summary>
public enum MutualTlsMode
{
    /// <summary>Mutual TLS of the mesh and clear text, told apart by the first bytes.</summary>
    Permissive,

    /// <summary>Mutual TLS of the mesh only; anything else is closed.</summary>
    Strict,

    /// <summary>Never mutual TLS of the mesh: every byte goes to the application as it came.</summary>
    Disable,
}
