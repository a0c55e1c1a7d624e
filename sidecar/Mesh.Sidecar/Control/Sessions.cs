using Mesh.Config;
using Mesh.Config.Control;
using Mesh.Sidecar.Config;

namespace Mesh.Sidecar.Control;

/// <summary>The place that one session has at a time, and what the report says about it.</summary>
public sealed class Sessions(ProxyState state, LeaseEpoch epoch, TimeProvider time, ILogger<Sessions> log)
{
    private readonly Lock changing = new();
    private ControlSession? current;

    /// <summary>Raised when a session came up or ended.</summary>
    public event Action? Changed;

    /// <summary>The session that is up.</summary>
    internal ControlSession? Current => current;

    /// <summary>Since when it is up, or since when there is none.</summary>
    public DateTimeOffset Since { get; private set; } = time.GetUtcNow();

    /// <summary>Takes the place, from an older session if there is one.</summary>
    internal bool TryEnter(ControlSession session, out Refusal refusal)
    {
        ControlSession? replaced;
        lock (changing)
        {
            if (!epoch.TryAdvance(session.Epoch))
            {
                refusal = new Refusal { Reason = $"an operator of term {epoch.Seen} leads, yours is {session.Epoch}", Epoch = epoch.Seen };
                return false;
            }

            if (current is { } up && session.OpenedBy == ControlSession.Sidecar && up.Epoch >= session.Epoch)
            {
                refusal = new Refusal { Reason = "the operator opened a session meanwhile" };
                return false;
            }

            (replaced, current) = (current, session);
            Since = time.GetUtcNow();
            Tell(new SessionReport { Connected = true, OpenedBy = session.OpenedBy, Since = Since, Epoch = session.Epoch });
        }

        refusal = new Refusal { Reason = "" };
        replaced?.End(new Refusal { Reason = "another session replaced this one", Epoch = session.Epoch > replaced.Epoch ? session.Epoch : 0 });
        log.LogInformation("Control session with {Leader} (term {Epoch}), opened by {OpenedBy}", session.Leader, session.Epoch, session.OpenedBy);
        Changed?.Invoke();
        return true;
    }

    /// <summary>Gives the place back, unless another has it by now.</summary>
    internal void Leave(ControlSession session, string why)
    {
        lock (changing)
        {
            if (current != session) return;
            current = null;
            Since = time.GetUtcNow();
            Tell(new SessionReport { OpenedBy = session.OpenedBy, Since = Since, Epoch = session.Epoch, Failure = why });
        }

        log.LogInformation("The control session ended: {Reason}", why);
        Changed?.Invoke();
    }

    /// <summary>Says why there is none.</summary>
    internal void Fail(string why)
    {
        lock (changing)
        {
            if (current is null) state.Tell(report => report with { Session = (report.Session ?? new SessionReport { Since = Since, Epoch = epoch.Seen }) with { Failure = why } });
        }
    }

    private void Tell(SessionReport session) => state.Tell(report => report with { Session = session });
}
