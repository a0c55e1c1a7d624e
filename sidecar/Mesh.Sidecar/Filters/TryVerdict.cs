using System.Globalization;
using Mesh.Sidecar.Forwarding;
using Mesh.Sidecar.Telemetry;

namespace Mesh.Sidecar.Filters;

/// <summary>What the client sees, and the log says, of a try that ended without an answer.</summary>
public static class TryVerdict
{
    /// <summary>Status, flag and the sentence that says what failed.</summary>
    public static (int Status, ResponseFlag Flag, string Message) Of(TryResult result, Exchange exchange)
    {
        var who = exchange.Endpoint is { } endpoint ? $"{endpoint.Address} of {exchange.ClusterName}" : exchange.ClusterName;
        return result.End switch
        {
            TryEnd.ConnectFailed => (503, ResponseFlag.UF, $"No connection to {who}: {result.Reason}."),
            TryEnd.RefusedStream => (503, ResponseFlag.UR, $"{who} refused the stream."),
            TryEnd.Reset => (503, ResponseFlag.UC, $"{who} closed the connection before it answered."),
            TryEnd.ResetBeforeRequest => (503, ResponseFlag.UC, $"{who} closed the connection before anything of the request was sent."),
            TryEnd.BadResponse => (502, ResponseFlag.UPE, $"What {who} sent is not an HTTP response."),
            TryEnd.TryTimedOut => (504, ResponseFlag.UT, $"{who} did not answer within the per-try timeout of {Text(exchange.Limits.Retry.PerTryTimeout)}."),
            TryEnd.TimedOut => (504, ResponseFlag.UT, $"{who} did not answer within the route's timeout of {Text(exchange.Limits.Timeout)}."),
            TryEnd.Overflow => (503, ResponseFlag.UO, $"{exchange.ClusterName} has as many requests under way or waiting as its connection pool is allowed."),
            TryEnd.ClientGone => (0, ResponseFlag.DC, "The client went away."),
            TryEnd.BadRequest => (400, ResponseFlag.DPE, "The request's body is malformed."),
            _ => (503, ResponseFlag.UR, $"{who} gave no answer."),
        };
    }

    private static string Text(TimeSpan? limit) =>
        limit is { } span ? span.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture) + " s" : "0 s";
}
