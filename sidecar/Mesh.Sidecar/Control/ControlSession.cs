using System.Text.Json;
using Mesh.Config.Control;
using Mesh.Sidecar.Config;

namespace Mesh.Sidecar.Control;

// The control session. What enters: hellos and pushes of a verified operator. What leaves: hello, reports, the wish for a
// certificate. What never happens here: a message in clear text, a word to anyone but the operator, a key.

/// <summary>
/// One session, whoever opened it. Two loops: one reads and takes pushes into the loader, one writes; so a report that the
/// operator is slow to read holds up neither pushes nor memory, for there is only ever the newest to be sent.
/// </summary>
internal sealed class ControlSession(ControlStream stream, string openedBy, string? token, SessionParts parts)
{
    /// <summary>The operator dialled this pod.</summary>
    public const string Operator = "operator";

    /// <summary>This sidecar dialled the operator.</summary>
    public const string Sidecar = "sidecar";

    private static readonly TimeSpan HelloWithin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LastWordWithin = TimeSpan.FromSeconds(5);

    private readonly Doorbell toSay = new();
    private volatile Refusal? lastWord;
    private volatile string? wish;
    private volatile bool answerOwed = true; // the report that follows the hello

    /// <summary>Who opened it.</summary>
    public string OpenedBy { get; } = openedBy;

    /// <summary>The leader's term.</summary>
    public long Epoch { get; private set; }

    /// <summary>The leader's name.</summary>
    public string Leader { get; private set; } = "";

    /// <summary>Asks the operator to open an issuing exchange.</summary>
    public void Ask(string reason)
    {
        wish = reason;
        toSay.Ring();
    }

    /// <summary>Says a last word and ends.</summary>
    public void End(Refusal refusal)
    {
        lastWord = refusal;
        toSay.Ring();
    }

    /// <summary>Runs until either side ends it; returns why it did.</summary>
    public async Task<string> RunAsync(CancellationToken cancellation)
    {
        try
        {
            if (await GreetAsync(cancellation).ConfigureAwait(false) is { } refused) return refused;
            if (!parts.Sessions.TryEnter(this, out var refusal))
            {
                await stream.WriteAsync(new ControlMessage { Refusal = refusal }, cancellation).ConfigureAwait(false);
                return refusal.Reason;
            }
        }
        catch (Exception gone) when (IsEnd(gone))
        {
            return WhyOf(gone, cancellation);
        }

        var why = "it was cut";
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        parts.State.Reported += toSay.Ring;
        try
        {
            var (reading, writing) = (ReadAsync(ending.Token), WriteAsync(ending.Token));
            var first = await Task.WhenAny(reading, writing).ConfigureAwait(false);

            // The reader may have left a last word to be said; one that is not read in time is not waited for.
            if (first == reading && lastWord is not null) await Task.WhenAny(writing, Task.Delay(LastWordWithin, parts.Time, ending.Token)).ConfigureAwait(false);
            await ending.CancelAsync().ConfigureAwait(false);
            var ends = await Task.WhenAll(Ended(reading, cancellation), Ended(writing, cancellation)).ConfigureAwait(false);
            why = lastWord?.Reason ?? ends[first == reading ? 0 : 1];
        }
        finally
        {
            parts.State.Reported -= toSay.Ring;
            parts.Sessions.Leave(this, why);
        }

        return why;
    }

    private async Task<string?> GreetAsync(CancellationToken cancellation)
    {
        await stream.WriteAsync(new ControlMessage { SidecarHello = parts.Pod.Hello(parts.Epoch.Seen, token) }, cancellation).ConfigureAwait(false);
        using var limit = new CancellationTokenSource(HelloWithin, parts.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        ControlFrame? answer;
        try
        {
            answer = await stream.ReadAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return "the operator did not say who it is";
        }

        switch (answer?.Message)
        {
            case null:
                return "the operator hung up";
            case { Refusal: { } no }:
                return $"the operator refused: {no.Reason}";
            case { OperatorHello: { } hello } when hello.PodUid != parts.Pod.Uid:
                return await RefuseAsync(new Refusal { Reason = $"this is pod {parts.Pod.Uid}, not {hello.PodUid}" }, cancellation).ConfigureAwait(false);
            case { OperatorHello: { } hello }:
                (Epoch, Leader) = (hello.Epoch, hello.Leader);
                return null;
            default:
                return await RefuseAsync(new Refusal { Reason = "an OperatorHello is expected first" }, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<string> ReadAsync(CancellationToken cancellation)
    {
        while (await stream.ReadAsync(cancellation).ConfigureAwait(false) is { } frame)
        {
            switch (frame.Message)
            {
                case { Push: { } push } when push.PodUid != parts.Pod.Uid:
                    return Leave(new Refusal { Reason = $"the push is for pod {push.PodUid}, this is {parts.Pod.Uid}" });
                case { Push: { } push } when push.Epoch < parts.Epoch.Seen:
                    return Leave(new Refusal { Reason = $"an operator of term {parts.Epoch.Seen} leads, the push is of {push.Epoch}", Epoch = parts.Epoch.Seen });
                case { Push: not null }:
                    parts.Loader.Load(frame.Attachment, ConfigSource.Push);
                    answerOwed = true;
                    toSay.Ring();
                    break;
                case { Refusal: { } no }:
                    return $"the operator refused: {no.Reason}";
                default:
                    return Leave(new Refusal { Reason = "only pushes are expected here" });
            }
        }

        return "the operator ended it";
    }

    private async Task<string> WriteAsync(CancellationToken cancellation)
    {
        long told = -1;
        while (true)
        {
            if (lastWord is { } last)
            {
                await stream.WriteAsync(new ControlMessage { Refusal = last }, cancellation).ConfigureAwait(false);
                return last.Reason;
            }

            if (Interlocked.Exchange(ref wish, null) is { } reason)
                await stream.WriteAsync(new ControlMessage { CertificateRequest = new CertificateRequest { Reason = reason } }, cancellation).ConfigureAwait(false);
            var report = parts.State.Report;
            if (Interlocked.Exchange(ref answerOwed, false) || report.Sequence > told)
            {
                report = parts.State.Report; // as it is after the debt was looked at
                await stream.WriteAsync(new ControlMessage { Report = report }, cancellation).ConfigureAwait(false);
                told = report.Sequence;
                continue;
            }

            await toSay.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    private string Leave(Refusal refusal)
    {
        End(refusal);
        return refusal.Reason;
    }

    private async Task<string> RefuseAsync(Refusal refusal, CancellationToken cancellation)
    {
        await stream.WriteAsync(new ControlMessage { Refusal = refusal }, cancellation).ConfigureAwait(false);
        return refusal.Reason;
    }

    private static async Task<string> Ended(Task<string> loop, CancellationToken cancellation)
    {
        try
        {
            return await loop.ConfigureAwait(false);
        }
        catch (Exception gone) when (IsEnd(gone))
        {
            return WhyOf(gone, cancellation);
        }
    }

    private static bool IsEnd(Exception gone) => gone is IOException or OperationCanceledException or JsonException or HttpRequestException or InvalidOperationException;

    private static string WhyOf(Exception gone, CancellationToken cancellation) => gone switch
    {
        JsonException broken => $"the operator sent no message of ours: {broken.Message}",
        OperationCanceledException when cancellation.IsCancellationRequested => "the connection or the sidecar ended",
        _ => $"the connection broke: {gone.Message}",
    };
}
