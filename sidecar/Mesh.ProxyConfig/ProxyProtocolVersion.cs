namespace Mesh.Config;

/// <summary>Form of the PROXY protocol's header.</summary>
public enum ProxyProtocolVersion
{
    /// <summary>A line of text.</summary>
    V1,

    /// <summary>Binary.</summary>
    V2,
}
