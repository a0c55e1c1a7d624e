using System.Collections.Immutable;
using Mesh.Api.Networking;
using Mesh.Config;

namespace Mesh.Operator.Core.Planning.Features;

/// <summary>
/// What a rule does with requests on their way, one class for each of its fields. What enters is the field as the user wrote
/// it; what leaves is the record a proxy is told, or null where nothing is to be done. What never happens here: a look at
/// other objects.
/// </summary>
internal static class HeaderTranslator
{
    /// <summary>Null where nothing is changed.</summary>
    public static HeaderChanges? Translate(Headers? headers)
    {
        var changes = new HeaderChanges
        {
            RequestRemove = Removed(headers?.Request),
            RequestSet = Written(headers?.Request?.Set),
            RequestAdd = Written(headers?.Request?.Add),
            ResponseRemove = Removed(headers?.Response),
            ResponseSet = Written(headers?.Response?.Set),
            ResponseAdd = Written(headers?.Response?.Add),
        };
        var isEmpty = changes is
        {
            RequestRemove.Length: 0, RequestSet.Length: 0, RequestAdd.Length: 0,
            ResponseRemove.Length: 0, ResponseSet.Length: 0, ResponseAdd.Length: 0,
        };
        return isEmpty ? null : changes;
    }

    /// <summary>The Host that <c>request.set</c> asks for, which is no header like others: it acts as a rewrite of the host does.</summary>
    public static string? AuthorityOf(Headers? headers) =>
        headers?.Request?.Set.FirstOrDefault(header => IsAuthority(header.Key)).Value is { Length: > 0 } authority ? authority : null;

    private static ImmutableArray<string> Removed(HeaderOperations? operations) => operations is null ? [] :
        [.. operations.Remove.Where(IsPlain).Select(name => name.ToLowerInvariant()).Distinct().Order(StringComparer.Ordinal)];

    // Ordered by name, as a map of the API has no order of its own.
    private static ImmutableArray<HeaderValue> Written(IReadOnlyDictionary<string, string>? headers) => headers is null ? [] :
    [
        .. headers.Where(header => IsPlain(header.Key))
            .Select(header => new HeaderValue(header.Key.ToLowerInvariant(), header.Value))
            .OrderBy(header => header.Name, StringComparer.Ordinal).ThenBy(header => header.Value, StringComparer.Ordinal),
    ];

    private static bool IsPlain(string name) => name.Length > 0 && !name.StartsWith(':') && !IsAuthority(name);

    private static bool IsAuthority(string name) =>
        name.Equals("host", StringComparison.OrdinalIgnoreCase) || name.Equals(":authority", StringComparison.OrdinalIgnoreCase);
}
