using Mesh.Sidecar.Config;
using Mesh.Sidecar.Http;

namespace Mesh.Sidecar.Control;

/// <summary>15021: whether the application may be started and sent traffic.</summary>
public sealed class Readiness(ProxyState state, DrainGate drain, SidecarOptions options, Func<string?> identity)
{
    private volatile bool accepting;

    /// <summary>What readiness waits for; <c>null</c> when ready.</summary>
    public string? WaitsFor
    {
        get
        {
            if (drain.IsDraining) return "The sidecar is draining.";
            var config = state.Current is null ? WaitsForConfig() : null;
            if (identity() is { } certificate) return config is null ? certificate : $"{config} {certificate}";
            if (config is not null) return config;
            return accepting ? null : "The captured ports are being opened.";
        }
    }

    /// <summary>The captured ports accept.</summary>
    public void Accepting() => accepting = true;

    public Task ServeAsync(HttpContext context)
    {
        if (context.Request.Path != "/healthz/ready") return Text.WriteAsync(context, StatusCodes.Status404NotFound, "Only /healthz/ready is served here.\n");
        return WaitsFor is { } reason
            ? Text.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, reason + "\n")
            : Text.WriteAsync(context, StatusCodes.Status200OK, "ready\n");
    }

    private string WaitsForConfig()
    {
        if (state.Report.Refused is not { } refused) return $"Waiting for the first config in {options.ConfigDirectory}.";
        var first = refused.Problems.Length == 0 ? "" : $" {refused.Problems[0].Path}: {refused.Problems[0].Message}";
        return $"Waiting for a first valid config; the one in {options.ConfigDirectory} was refused.{first}";
    }
}
