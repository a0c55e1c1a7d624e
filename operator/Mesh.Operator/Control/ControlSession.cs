using System.Text.Json;
using Mesh.Config;
using Mesh.Config.Control;
using Mesh.Operator.Reports;
using Mesh.Operator.Sinks;

namespace Mesh.Operator.Control;

/// <summary>
/// A session that is up: both have said who they are. Reports come in, pushes go out, one at a time: while a proxy has not
/// answered the last push, the newest plan alone waits for it, so a slow proxy holds one config back and nobody else's.
/// </summary>
internal sealed class ControlSession(
    ControlStream stream, string podUid, EntityKey pod, string openedBy, Func<long> epoch, ReportBook reports, RevisionBook revisions, TimeProvider time, ILogger log)
{
    /// <summary>A proxy that has not answered a push for so long is not heard any more.</summary>
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim _news = new(0);
    private volatile PushOffer? _wanted;
    private volatile ProxyReport? _report;
    private (long Revision, string Hash, long PlannedAt, long SentAt, long Sequence)? _inFlight;
    private (long Revision, string Hash) _refused;

    public string PodUid => podUid;

    public EntityKey Pod => pod;

    public string OpenedBy => openedBy;

    /// <summary>The sidecar wants a certificate, please open an issuing exchange; with its reason.</summary>
    public Action<string>? WantsCertificate { get; init; }

    /// <summary>The config that the proxy should hold; the last one offered counts.</summary>
    public void Offer(PushOffer offer)
    {
        if (_wanted is { } wanted && wanted.Hash == offer.Hash) return;
        _wanted = offer;
        _news.Release();
    }

    /// <summary>Runs until either side ends it; returns why.</summary>
    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = ReadAsync(ending.Token);
        var pushing = PushAsync(ending.Token);
        var first = await Task.WhenAny(reading, pushing);
        await ending.CancelAsync();
        await Task.WhenAll(reading, pushing);
        return await first;
    }

    private async Task<string> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var message = await stream.ReadAsync(cancellationToken);
                if (message is null) return "the sidecar ended it";
                if (message.Refusal is { } refusal) return $"the sidecar refuses: {refusal.Reason}";
                if (message.CertificateRequest is { } request) WantsCertificate?.Invoke(request.Reason);
                if (message.Report is not { } report) continue;
                if (report.PodUid.Length > 0 && report.PodUid != podUid) return $"it reports for another pod (uid {report.PodUid})";
                _report = report;
                Answered(report);
                reports.Heard(podUid, report);
                _news.Release();
            }
        }
        catch (Exception e) when (e is IOException or JsonException or HttpRequestException or OperationCanceledException or Microsoft.AspNetCore.Connections.ConnectionAbortedException or ObjectDisposedException)
        {
            return cancellationToken.IsCancellationRequested ? "the operator ended it" : e.Message;
        }
    }

    private async Task<string> PushAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                if (!await _news.WaitAsync(AnswerPatience, cancellationToken) && _inFlight is { } waiting && time.GetElapsedTime(waiting.SentAt) > AnswerPatience)
                {
                    Count("unanswered");
                    return $"it has not answered revision {waiting.Revision} for {AnswerPatience.TotalSeconds:0} s";
                }

                if (Next() is not var (offer, revision, held)) continue;
                var missing = offer.Sections.Where(section => !held.Contains(section.Ref));
                var document = ConfigDocument.Write(ConfigDocument.ManifestOf(offer.Sections, revision, podUid), missing);
                _inFlight = (revision, offer.Hash, offer.PlannedAt, time.GetTimestamp(), _report?.Sequence ?? 0);
                await stream.WriteAsync(new ControlMessage { Push = new ConfigPush { PodUid = podUid, Epoch = epoch() } }, document, cancellationToken);
                log.LogDebug("Pod {Pod}: pushed revision {Revision} ({Hash}), {Bytes} bytes", pod, revision, offer.Hash, document.Length);
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException or OperationCanceledException or Microsoft.AspNetCore.Connections.ConnectionAbortedException or ObjectDisposedException or InvalidOperationException)
        {
            return cancellationToken.IsCancellationRequested ? "the operator ended it" : e.Message;
        }
    }

    /// <summary>What is to be pushed now; null where nothing is, or the last push is not answered yet.</summary>
    private (PushOffer Offer, long Revision, HashSet<SectionRef> Held)? Next()
    {
        if (_wanted is not { } wanted || _report is not { } report) return null;
        if (_inFlight is not null || report.Hash == wanted.Hash) return null;
        var revision = revisions.Assign(podUid, wanted.Hash);
        // It said no to this very config, and would again.
        if (report.Refused is { } refused && refused.Hash == wanted.Hash && refused.Revision >= revision) return null;
        if (_refused.Hash == wanted.Hash && _refused.Revision >= revision) return null;
        return (wanted, revision, [.. report.Sections]);
    }

    private void Answered(ProxyReport report)
    {
        if (_inFlight is not { } sent) return;
        if (report.Hash == sent.Hash || report.Revision >= sent.Revision)
        {
            Count("acknowledged");
            OperatorMetrics.PushTime.Record(time.GetElapsedTime(sent.PlannedAt).TotalSeconds);
        }
        else if (report.Refused is { } refused && (refused.Revision >= sent.Revision || (refused.Revision == 0 && report.Sequence > sent.Sequence)))
        {
            // One that could not be read has no number there.
            Count("refused");
            _refused = (sent.Revision, sent.Hash);
            log.LogWarning("Pod {Pod} refuses revision {Revision}: {Why}", pod, sent.Revision, string.Join("; ", refused.Problems.Take(3)));
        }
        else
        {
            return;
        }

        _inFlight = null;
    }

    private static void Count(string result) => OperatorMetrics.Pushes.Add(1, new KeyValuePair<string, object?>("result", result));
}
