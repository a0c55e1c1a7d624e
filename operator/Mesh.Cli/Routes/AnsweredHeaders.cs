using Mesh.Config;

namespace Mesh.Cli.Routes;

/// <summary>Changes of headers.</summary>
internal sealed record AnsweredHeaders(AnsweredHeaderChanges Request, AnsweredHeaderChanges Response)
{
    public static AnsweredHeaders? Of(HeaderChanges? changes) => changes is null ? null : new AnsweredHeaders(
        new AnsweredHeaderChanges(Map(changes.RequestSet), Map(changes.RequestAdd), [.. changes.RequestRemove]),
        new AnsweredHeaderChanges(Map(changes.ResponseSet), Map(changes.ResponseAdd), [.. changes.ResponseRemove]));

    private static SortedDictionary<string, string> Map(IEnumerable<HeaderValue> headers)
    {
        var map = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var header in headers) map[header.Name] = header.Value;
        return map;
    }
}
