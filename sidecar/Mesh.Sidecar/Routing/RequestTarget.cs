using Mesh.Config;

namespace Mesh.Sidecar.Routing;

/// <summary>The target of a request, taken apart and normalised once.</summary>
/// <param name="Path">Normalised path: matched and sent.</param>
/// <param name="Query">Query with its leading <c>?</c>, as sent; empty without.</param>
public readonly record struct RequestTarget(string Path, string Query)
{
    /// <summary>Takes a raw target apart (origin form, or absolute form whose host the lane took); <c>false</c>: answer 400.</summary>
    public static bool TryParse(string raw, PathNormalization normalization, out RequestTarget target)
    {
        var end = raw.AsSpan().IndexOfAny('?', '#');
        var path = end < 0 ? raw : raw[..end];
        var query = "";
        if (end >= 0 && raw[end] == '?')
        {
            var fragment = raw.IndexOf('#', end);
            query = fragment < 0 ? raw[end..] : raw[end..fragment];
        }

        var normal = PathNormalizer.Normalize(path, normalization);
        target = new RequestTarget(normal ?? path, query);
        return normal is not null;
    }
}
