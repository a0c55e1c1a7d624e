using System.Buffers;
using Microsoft.Extensions.Primitives;

namespace Mesh.Sidecar.Http;

/// <summary>
/// What the server's parser lets pass although two readers could take it for different requests. Such a request is refused
/// before any step sees it: nothing of it is sent on, and its connection is closed.
/// </summary>
internal static class RequestForm
{
    // RFC 9110 section 5.6.2.
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    // RFC 9110 section 5.5: of control characters a value may hold the tab alone.
    private static readonly SearchValues<char> Controls = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Append(0x7f).Where(c => c != '\t').Select(c => (char)c)]);

    /// <summary>What is wrong with a request; <c>null</c> when nothing is.</summary>
    /// <param name="request">As the server read it.</param>
    /// <param name="rawTarget">Its target, byte for byte.</param>
    public static Rejection? ProblemOf(HttpRequest request, string rawTarget)
    {
        if (rawTarget.AsSpan().ContainsAnyExceptInRange('!', '~')) return Bad("The target of the request holds a character that must be percent-encoded.");
        var headers = request.Headers;
        if (headers.TransferEncoding is { Count: > 0 } coding && ProblemOf(coding, headers, request.Protocol) is { } problem) return problem;
        foreach (var (name, values) in headers)
        {
            if (name.AsSpan().ContainsAnyExcept(TokenCharacters)) return Bad("The name of a header is none.");
            if (HasControls(values)) return Bad($"The header {name} holds a control character.");
        }

        return null;
    }

    private static Rejection? ProblemOf(StringValues coding, IHeaderDictionary headers, string protocol)
    {
        if (protocol != "HTTP/1.1") return Bad($"{protocol} knows no transfer coding.");
        // The server puts a length that a coding overrules aside under this name.
        if (headers.ContainsKey("Content-Length") || headers.ContainsKey("X-Content-Length")) return Bad("The request has both Content-Length and Transfer-Encoding.");
        if (coding.Count == 1 && coding[0].AsSpan().Trim().Equals("chunked", StringComparison.OrdinalIgnoreCase)) return null;
        return new Rejection(StatusCodes.Status501NotImplemented, Telemetry.ResponseFlag.DPE, "No transfer coding but chunked is carried.");
    }

    private static bool HasControls(StringValues values)
    {
        foreach (var value in values)
        {
            if (value.AsSpan().ContainsAny(Controls)) return true;
        }

        return false;
    }

    private static Rejection Bad(string why) => new(StatusCodes.Status400BadRequest, Telemetry.ResponseFlag.DPE, why);
}
