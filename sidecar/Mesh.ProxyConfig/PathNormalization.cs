namespace Mesh.Config;

/// <summary>How a request path is normalised, once, before matching, authorisation and sending.</summary>
public enum PathNormalization
{
    /// <summary>RFC 3986: dot segments removed, unreserved percent-encodings decoded, backslash becomes slash. The default.</summary>
    Base,

    /// <summary>The path is used as it came.</summary>
    None,

    /// <summary>Base, and several slashes become one.</summary>
    MergeSlashes,

    /// <summary>Encoded slashes and backslashes decoded, then as MergeSlashes.</summary>
    DecodeAndMergeSlashes,
}
