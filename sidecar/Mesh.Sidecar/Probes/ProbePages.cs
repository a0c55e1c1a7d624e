using System.Collections.Frozen;
using System.Text.Json;
using Mesh.Sidecar.Connections;

namespace Mesh.Sidecar.Probes;

/// <summary>15020, <c>/app-health/…</c> and <c>/app-lifecycle/…</c>: asks the application in the kubelet's stead.</summary>
public sealed class ProbePages
{
    private readonly FrozenDictionary<string, AppProbe> probes;
    private readonly string? broken;
    private readonly PodDial dial;
    private readonly HttpProbe http;
    private readonly GrpcProbe grpc;
    private readonly TimeProvider time;

    /// <param name="json">Value of <c>MESH_APP_PROBES</c>.</param>
    /// <param name="podAddress">The pod's address: <c>INSTANCE_IP</c>.</param>
    /// <param name="time">Clock of the probes' limits.</param>
    /// <param name="log">Says what is wrong with the value.</param>
    public ProbePages(string json, string podAddress, TimeProvider time, ILogger log)
    {
        (this.time, dial) = (time, new PodDial(podAddress, time));
        (http, grpc) = (new HttpProbe(dial), new GrpcProbe(dial));
        try
        {
            probes = AppProbeJson.Read(json).ToFrozenDictionary(StringComparer.Ordinal);
        }
        catch (JsonException wrong)
        {
            probes = FrozenDictionary<string, AppProbe>.Empty;
            broken = $"MESH_APP_PROBES cannot be read: {wrong.Message}";
            log.LogError("{Problem} The application's probes fail; inject the pod anew", broken);
        }
    }

    /// <summary>Whether the path is one of those that are answered here.</summary>
    public static bool Owns(string path) =>
        path.StartsWith("/app-health/", StringComparison.Ordinal) || path.StartsWith("/app-lifecycle/", StringComparison.Ordinal);

    /// <summary>Makes the check and answers as it came out.</summary>
    public async Task ServeAsync(HttpContext context)
    {
        var answer = broken is not null ? new ProbeAnswer(StatusCodes.Status500InternalServerError, broken)
            : probes.TryGetValue(context.Request.Path.Value ?? "", out var probe) ? await AskAsync(probe, context).ConfigureAwait(false)
            : new ProbeAnswer(StatusCodes.Status404NotFound, "The pod's author wrote no such probe.");
        if (context.RequestAborted.IsCancellationRequested) return;
        if (answer.Status is StatusCodes.Status204NoContent or StatusCodes.Status304NotModified) context.Response.StatusCode = answer.Status; // these have no body
        else await Control.Text.WriteAsync(context, answer.Status, answer.Text + "\n").ConfigureAwait(false);
    }

    private async Task<ProbeAnswer> AskAsync(AppProbe probe, HttpContext context)
    {
        using var limit = probe.TimeoutSeconds is { } seconds ? new CancellationTokenSource(TimeSpan.FromSeconds(Math.Max(1, seconds)), time) : new CancellationTokenSource();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, context.RequestAborted);
        try
        {
            if (probe.HttpGet is { } get) return await http.AskAsync(get, context.Request.Headers, either.Token).ConfigureAwait(false);
            if (probe.Grpc is { } health) return await grpc.AskAsync(health, either.Token).ConfigureAwait(false);
            using var socket = await dial.ConnectAsync(probe.TcpSocket!.Port, either.Token).ConfigureAwait(false);
            return ProbeAnswer.Good($"port {probe.TcpSocket.Port} takes connections");
        }
        catch (OperationCanceledException)
        {
            return ProbeAnswer.Bad($"the application did not answer within {probe.TimeoutSeconds} s");
        }
        catch (Exception failure) when (failure is ConnectFailedException or HttpRequestException or IOException or FormatException)
        {
            return ProbeAnswer.Bad($"the application could not be asked: {(failure is HttpRequestException { InnerException: { } inner } ? inner : failure).Message}");
        }
    }
}
