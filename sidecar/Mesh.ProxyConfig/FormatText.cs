using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Mesh.Config;

/// <summary>
/// Texts with Envoy's operators, as header values and access-log formats use them: <c>%WORD%</c>, <c>%WORD(argument)%</c>,
/// <c>%WORD(argument):length%</c>; <c>%%</c> is a percent sign. Taken apart here, filled in by the sidecar.
/// </summary>
public static class FormatText
{
    /// <summary>Operators that a sidecar fills in; others of Envoy's stay without a value.</summary>
    public static FrozenSet<string> Operators { get; } = FrozenSet.ToFrozenSet(
    [
        "BYTES_RECEIVED", "BYTES_SENT", "CONNECTION_TERMINATION_DETAILS", "DOWNSTREAM_DIRECT_REMOTE_ADDRESS", "DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT",
        "DOWNSTREAM_LOCAL_ADDRESS", "DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT", "DOWNSTREAM_LOCAL_PORT", "DOWNSTREAM_PEER_URI_SAN", "DOWNSTREAM_REMOTE_ADDRESS",
        "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT", "DOWNSTREAM_REMOTE_PORT", "DURATION", "ENVIRONMENT", "GRPC_STATUS", "GRPC_STATUS_NUMBER", "HOSTNAME", "PROTOCOL", "REQ",
        "REQUESTED_SERVER_NAME", "RESP", "RESPONSE_CODE", "RESPONSE_CODE_DETAILS", "RESPONSE_DURATION", "RESPONSE_FLAGS", "ROUTE_NAME", "START_TIME", "TRAILER",
        "UPSTREAM_CLUSTER", "UPSTREAM_CLUSTER_RAW", "UPSTREAM_HOST", "UPSTREAM_LOCAL_ADDRESS", "UPSTREAM_REMOTE_ADDRESS", "UPSTREAM_REQUEST_ATTEMPT_COUNT",
        "UPSTREAM_TRANSPORT_FAILURE_REASON",
    ]);

    private static readonly FrozenSet<string> NeedArgument = FrozenSet.ToFrozenSet(["ENVIRONMENT", "REQ", "RESP", "TRAILER"]);

    /// <summary>What is wrong with a text; <c>null</c> when nothing is.</summary>
    public static string? Problem(string text)
    {
        try
        {
            Parse(text);
            return null;
        }
        catch (FormatException wrong)
        {
            return wrong.Message;
        }
    }

    /// <summary>Operators of a valid text that no sidecar fills in.</summary>
    public static IEnumerable<string> Unknown(string text) =>
        Parse(text).Select(piece => piece.Operator).Where(name => name.Length > 0 && !Operators.Contains(name)).Distinct();

    /// <summary>Takes a text apart.</summary>
    /// <exception cref="FormatException">It is not such a text; says why.</exception>
    public static ImmutableArray<FormatPiece> Parse(string text)
    {
        var pieces = ImmutableArray.CreateBuilder<FormatPiece>();
        var literal = new StringBuilder();
        for (var at = 0; at < text.Length;)
        {
            var percent = text.IndexOf('%', at);
            if (percent < 0) percent = text.Length;
            literal.Append(text, at, percent - at);
            if (percent == text.Length) break;
            if (percent + 1 < text.Length && text[percent + 1] == '%')
            {
                literal.Append('%');
                at = percent + 2;
                continue;
            }

            if (literal.Length > 0) pieces.Add(new FormatPiece(literal.ToString()));
            literal.Clear();
            pieces.Add(ParseOperator(text, percent, out at));
        }

        if (literal.Length > 0) pieces.Add(new FormatPiece(literal.ToString()));
        return pieces.ToImmutable();
    }

    private static FormatPiece ParseOperator(string text, int percent, out int next)
    {
        var at = percent + 1;
        while (at < text.Length && (char.IsAsciiLetterUpper(text[at]) || char.IsAsciiDigit(text[at]) || text[at] == '_')) at++;
        var name = text[(percent + 1)..at];
        var argument = "";
        if (at < text.Length && text[at] == '(')
        {
            // An argument may hold percent signs (a time's pattern), so its end is looked for, not the operator's.
            var close = text.IndexOf(')', at);
            if (close < 0) throw Wrong(text, percent, "its '(' is not closed");
            argument = text[(at + 1)..close];
            at = close + 1;
        }

        int? length = null;
        if (at < text.Length && text[at] == ':')
        {
            var start = ++at;
            while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
            if (!int.TryParse(text.AsSpan(start, at - start), NumberStyles.None, CultureInfo.InvariantCulture, out var number)) throw Wrong(text, percent, "after ':' comes a length");
            length = number;
        }

        if (name.Length == 0 || at >= text.Length || text[at] != '%') throw Wrong(text, percent, "a percent sign begins an operator as in %PROTOCOL%; write %% for the sign itself");
        if (argument.Length == 0 && NeedArgument.Contains(name)) throw Wrong(text, percent, $"{name} needs a name, as in %{name}(x-name)%");
        next = at + 1;
        return new FormatPiece("", name, argument, length);
    }

    private static FormatException Wrong(string text, int at, string why) => new($"'{text}' at character {at + 1}: {why}");
}
