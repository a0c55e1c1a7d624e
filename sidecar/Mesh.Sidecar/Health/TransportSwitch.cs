namespace Mesh.Sidecar.Health;

/// <summary>
/// Takes members from clear text to mutual TLS and back. Server and callers learn of a changed PeerAuthentication at about the
/// same time, not at the same moment: a caller waits a little, and the server takes both for a little longer
/// (<see cref="Connections.InboundModes"/>), so that whoever learns of it first, no connection meets a server of the other kind.
/// </summary>
public sealed class TransportSwitch(TimeProvider time)
{
    /// <summary>How long a caller goes on as before.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromSeconds(1.5);

    /// <summary>Raised after a member changed.</summary>
    public event Action<EndpointState>? Switched;

    /// <summary>Config says this of a member. One that is new is taken at its word. Under the loader's lock only.</summary>
    internal void Tell(EndpointState member, bool mutualTls)
    {
        if (member.IsTold && member.ToldMutualTls == mutualTls) return;
        member.ToldMutualTls = mutualTls;
        if (member.IsTold)
        {
            _ = SwitchAsync(member);
            return;
        }

        member.IsTold = true;
        member.TakesMutualTls = mutualTls;
    }

    private async Task SwitchAsync(EndpointState member)
    {
        await Task.Delay(Delay, time).ConfigureAwait(false);
        var told = member.ToldMutualTls;
        if (member.TakesMutualTls == told) return; // config changed its mind meanwhile
        member.TakesMutualTls = told;
        Switched?.Invoke(member);
    }
}
