using Mesh.Sidecar.Forwarding;

namespace Mesh.Sidecar.Telemetry;

/// <summary>Envoy's <c>%RESPONSE_CODE_DETAILS%</c>: who decided on the status, and why.</summary>
public static class ResponseDetails
{
    /// <summary>In Envoy's words.</summary>
    public static string Of(Exchange exchange)
    {
        var when = exchange.Call is { HasStarted: true } && exchange.LastTry.Status != 0 ? "after" : "before";
        return exchange.LastTry.End switch
        {
            _ when exchange.Rejection is { Details.Length: > 0 } told => told.Details,
            _ when exchange.Flags.HasFlag(ResponseFlag.NR) => "route_not_found",
            _ when exchange.Flags.HasFlag(ResponseFlag.NC) => "cluster_not_found",
            _ when exchange.Flags.HasFlag(ResponseFlag.UH) => "no_healthy_upstream",
            TryEnd.ConnectFailed => "upstream_reset_before_response_started{connection_failure}",
            TryEnd.Overflow => "upstream_reset_before_response_started{overflow}",
            TryEnd.RefusedStream => $"upstream_reset_{when}_response_started{{remote_reset}}",
            TryEnd.Reset or TryEnd.ResetBeforeRequest => $"upstream_reset_{when}_response_started{{connection_termination}}",
            TryEnd.BadResponse => $"upstream_reset_{when}_response_started{{protocol_error}}",
            TryEnd.TimedOut => "response_timeout",
            TryEnd.TryTimedOut => "upstream_per_try_timeout",
            TryEnd.ClientGone => "downstream_remote_disconnect",
            TryEnd.BadRequest => "downstream_protocol_error",
            _ when exchange.Flags.HasFlag(ResponseFlag.DPE) => "downstream_protocol_error",
            _ when exchange.Rejection is not null => "direct_response",
            _ => "via_upstream",
        };
    }
}
