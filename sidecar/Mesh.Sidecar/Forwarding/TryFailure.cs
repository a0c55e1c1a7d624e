using Mesh.Sidecar.Connections;
using Yarp.ReverseProxy.Forwarder;

namespace Mesh.Sidecar.Forwarding;

/// <summary>Tells why a try failed from what the client library says of it.</summary>
public static class TryFailure
{
    private const long RefusedStream = 0x7; // RFC 9113 section 7

    /// <summary>How the try ended.</summary>
    public static TryEnd EndOf(ForwarderError error, Exception? exception, bool clientGone, bool timedOut, bool over)
    {
        // An answer that broke off is said by what broke it off: the client's connection is cut for it, which looks as if the client had gone.
        if (error == ForwarderError.ResponseBodyDestination) return TryEnd.Reset;
        // Else the client first: when it goes, everything behind it fails one way or another.
        if (clientGone) return TryEnd.ClientGone;
        if (timedOut) return over ? TryEnd.TimedOut : TryEnd.TryTimedOut;
        if (Find<ConnectFailedException>(exception) is not null) return TryEnd.ConnectFailed;
        if (Find<NothingSentException>(exception) is not null) return TryEnd.ResetBeforeRequest;
        if (Find<HttpProtocolException>(exception) is { ErrorCode: RefusedStream }) return TryEnd.RefusedStream;
        switch (error)
        {
            case ForwarderError.RequestBodyClient:
                // A chunk's size beyond any number is told as an overflow.
                return Find<BadHttpRequestException>(exception) is null && Find<OverflowException>(exception) is null ? TryEnd.ClientGone : TryEnd.BadRequest;
            case ForwarderError.ResponseBodyClient or ForwarderError.UpgradeRequestClient or ForwarderError.UpgradeResponseClient
                or ForwarderError.UpgradeRequestCanceled or ForwarderError.UpgradeResponseCanceled:
                return TryEnd.ClientGone;
            case ForwarderError.ResponseHeaders:
                return TryEnd.BadResponse;
            default:
                return Find<HttpRequestException>(exception)?.HttpRequestError
                    is HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.ExtendedConnectNotSupported
                    ? TryEnd.BadResponse
                    : TryEnd.Reset;
        }
    }

    /// <summary>The same in words, for the access log.</summary>
    public static string ReasonOf(TryEnd end, Exception? exception) => end switch
    {
        TryEnd.ConnectFailed => Find<ConnectFailedException>(exception)?.Reason ?? "",
        TryEnd.RefusedStream => "stream refused",
        TryEnd.Reset or TryEnd.ResetBeforeRequest => "connection termination",
        TryEnd.BadResponse => "protocol error",
        TryEnd.TryTimedOut => "per-try timeout",
        TryEnd.TimedOut => "response timeout",
        _ => "",
    };

    private static T? Find<T>(Exception? exception)
        where T : Exception
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (e is T found) return found;
            if (e is not AggregateException several) continue;
            foreach (var inner in several.InnerExceptions)
            {
                if (Find<T>(inner) is { } nested) return nested;
            }
        }

        return null;
    }
}
