using Mesh.Config;
using Mesh.Sidecar.Config;

namespace Mesh.Sidecar.Connections;

/// <summary>
/// What each port takes. A port that goes from DISABLE to something else or back takes both for a moment: its callers learn of
/// the change a little earlier or later, and nobody shall fail in between (see <see cref="Health.TransportSwitch"/>).
/// </summary>
public sealed class InboundModes(TimeProvider time)
{
    /// <summary>How long both are taken.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromSeconds(5);

    private readonly Lock swapping = new();
    private ProxySnapshot? current;
    private volatile Earlier[] earlier = [];

    /// <summary>A new config is in force.</summary>
    public void OnSwapped(ProxySnapshot snapshot)
    {
        lock (swapping)
        {
            var before = current;
            current = snapshot;
            var now = time.GetUtcNow();
            var still = earlier.Where(one => one.Until > now);
            if (before is not null && !Same(before.Config.Inbound, snapshot.Config.Inbound)) still = still.Append(new Earlier(before, now + Overlap));
            earlier = [.. still];
        }
    }

    /// <summary>What the port takes now.</summary>
    public MutualTlsMode ModeOf(ProxySnapshot snapshot, int port)
    {
        var mode = snapshot.MutualTlsOf(port);
        foreach (var one in earlier)
        {
            if (one.Until > time.GetUtcNow() && IsDisabled(one.Snapshot.MutualTlsOf(port)) != IsDisabled(mode)) return MutualTlsMode.Permissive;
        }

        return mode;
    }

    private static bool Same(InboundConfig one, InboundConfig other) =>
        one.MutualTls == other.MutualTls && one.MutualTlsByPort.AsSpan().SequenceEqual(other.MutualTlsByPort.AsSpan());

    private static bool IsDisabled(MutualTlsMode mode) => mode == MutualTlsMode.Disable;

    private sealed record Earlier(ProxySnapshot Snapshot, DateTimeOffset Until);
}
