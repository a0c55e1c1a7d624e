using Mesh.Config;

namespace Mesh.Sidecar.Routing;

/// <summary>Brings a path into the one form in which it is matched, authorised and sent.</summary>
public static class PathNormalizer
{
    /// <summary>The normalised path, the same instance when nothing is to do; <c>null</c> when it cannot be a path.</summary>
    public static string? Normalize(string path, PathNormalization normalization) => path;
}
