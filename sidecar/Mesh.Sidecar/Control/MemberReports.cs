using System.Collections.Immutable;
using Mesh.Config;
using Mesh.Sidecar.Config;
using Mesh.Sidecar.Health;

namespace Mesh.Sidecar.Control;

/// <summary>Puts members that are left out of balancing into the report, soon after they were or came back.</summary>
internal sealed class MemberReports(ProxyState state, LiveStates states, TimeProvider time)
{
    // A service that goes down takes many members in a moment: they are told at once, together.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var news = new Doorbell();
        states.HealthChanged += Ring;
        state.Swapped += RingForSnapshot;
        try
        {
            while (true)
            {
                await news.WaitAsync(cancellation).ConfigureAwait(false);
                var current = Current();
                state.Tell(report => report.Members.SequenceEqual(current) ? report : report with { Members = current });
                await Task.Delay(Pause, time, cancellation).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // Told to stop.
        }
        finally
        {
            states.HealthChanged -= Ring;
            state.Swapped -= RingForSnapshot;
        }

        void Ring(EndpointState member) => news.Ring();

        void RingForSnapshot(ProxySnapshot snapshot) => news.Ring();
    }

    private ImmutableArray<MemberReport> Current()
    {
        if (state.Current is not { } snapshot) return [];
        var reports = new List<MemberReport>();
        foreach (var cluster in snapshot.Clusters)
        {
            foreach (var member in cluster.Pool.Members)
            {
                if (member.State.Health.IsOut) reports.Add(ReportOf(cluster, member));
            }
        }

        return
        [
            .. reports.OrderBy(report => report.Cluster, StringComparer.Ordinal).ThenBy(report => report.Address, StringComparer.Ordinal).Take(ProxyReport.MostMembers),
        ];
    }

    private static MemberReport ReportOf(CompiledCluster cluster, CompiledEndpoint member)
    {
        var (health, address) = (member.State.Health, $"{member.Address}");
        return health.Ejection is { } ejection
            ? new MemberReport { Cluster = cluster.Name, Address = address, Pod = member.Config.Pod, Condition = MemberCondition.Ejected, Reason = ejection.Reason, Since = ejection.Since, Until = ejection.Until }
            : new MemberReport { Cluster = cluster.Name, Address = address, Pod = member.Config.Pod, Condition = MemberCondition.Unhealthy, Reason = health.Checked, Since = health.CheckedSince };
    }
}
