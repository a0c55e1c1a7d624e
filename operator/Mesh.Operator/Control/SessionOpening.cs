using System.Text.Json;
using Mesh.Config.Control;
using Mesh.Operator.Identity;
using Mesh.Operator.Reports;
using Mesh.Operator.Sinks;

namespace Mesh.Operator.Control;

/// <summary>The first words of both kinds of stream, the same whoever opened the connection.</summary>
public sealed class SessionOpening(
    SessionBook sessions, ReportBook reports, RevisionBook revisions, CertificateIssuing issuing, LeaderGate gate, OperatorOptions options, TimeProvider time, ILogger<SessionOpening> log)
{
    private static readonly TimeSpan HelloPatience = TimeSpan.FromSeconds(10);

    // A lying sidecar could wear the numbers out; no honest one is so far ahead.
    private const long MostAhead = 1_000_000;

    /// <summary>Reads who speaks; null when the stream ended or said something else.</summary>
    internal async Task<SidecarHello?> HelloAsync(ControlStream stream, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(HelloPatience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            return (await stream.ReadAsync(either.Token))?.SidecarHello;
        }
        catch (Exception e) when (e is JsonException or IOException or HttpRequestException || (e is OperationCanceledException && late.IsCancellationRequested && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    /// <summary>From the sidecar's hello to the end of the session; returns why it ended.</summary>
    internal async Task<string> RunAsync(ControlStream stream, SidecarHello hello, EntityKey pod, string openedBy, Action<string>? wantsCertificate, CancellationToken cancellationToken)
    {
        if (!await OutranksAsync(hello, cancellationToken))
        {
            var reason = $"the sidecar has seen epoch {hello.Epoch}, this operator's is {gate.Epoch}: it leads no more";
            await RefuseAsync(stream, reason, cancellationToken);
            return reason;
        }

        await stream.WriteAsync(new ControlMessage { OperatorHello = new OperatorHello { PodUid = hello.PodUid, Epoch = gate.Epoch, Leader = options.Identity } }, cancellationToken);
        log.LogDebug("Session with {Pod} is up, opened by the {By}", pod, openedBy);
        var session = new ControlSession(stream, hello.PodUid, pod, openedBy, () => gate.Epoch, reports, revisions, time, log) { WantsCertificate = wantsCertificate };
        var why = await sessions.RunAsync(session, cancellationToken);
        log.LogDebug("Session with {Pod} ended: {Why}", pod, why);
        return why;
    }

    /// <summary>The operator's part of an issuing exchange after the hello; true when a certificate went out.</summary>
    internal async Task<(bool Issued, string Why)> IssueAsync(ControlStream stream, SidecarHello hello, ReadOnlyMemory<byte> connectionKey, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(HelloPatience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        if ((await stream.ReadAsync(either.Token))?.CertificateRequest is not { } request) return (false, "the sidecar asked for nothing");
        ControlMessage answer;
        try
        {
            // The storm after a restart may take longer than a hello.
            answer = await issuing.IssueAsync(hello, request, connectionKey, cancellationToken);
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or TimeoutException)
        {
            answer = new ControlMessage { Refusal = new Refusal { Reason = $"the API server could not be asked about the token: {e.Message}" } };
        }

        await stream.WriteAsync(answer, cancellationToken);
        return (answer.Certificate is not null, answer.Refusal?.Reason ?? "");
    }

    /// <summary>Says no; the stream ends after it.</summary>
    internal async Task RefuseAsync(ControlStream stream, string reason, CancellationToken cancellationToken)
    {
        try
        {
            await stream.WriteAsync(new ControlMessage { Refusal = new Refusal { Reason = reason, Epoch = gate.IsLeading ? 0 : gate.Epoch } }, cancellationToken);
        }
        catch (Exception e) when (e is IOException or HttpRequestException or InvalidOperationException)
        {
            // It is gone already.
        }
    }

    private async Task<bool> OutranksAsync(SidecarHello hello, CancellationToken cancellationToken)
    {
        if (hello.Epoch <= gate.Epoch) return true;
        if (hello.Epoch - gate.Epoch > MostAhead)
        {
            log.LogWarning("Pod {Namespace}/{Pod} says it has seen epoch {Epoch}, which no operator had; it is not believed", hello.Namespace, hello.Pod, hello.Epoch);
            return false;
        }

        log.LogWarning("Pod {Namespace}/{Pod} has seen epoch {Epoch}, this operator's is {Own}: the lease was made anew or another leads", hello.Namespace, hello.Pod, hello.Epoch, gate.Epoch);
        return await gate.RaiseAboveAsync(hello.Epoch, cancellationToken) > hello.Epoch && gate.IsLeading;
    }
}
