using Mesh.Config;
using Mesh.Sidecar.Config;
using Mesh.Sidecar.Connections;
using Mesh.Sidecar.Probes;

namespace Mesh.Sidecar.Health;

/// <summary>Asks one member at intervals and decides, by the thresholds, whether it is given traffic.</summary>
internal sealed class MemberCheck
{
    private readonly ClusterState cluster;
    private readonly EndpointState member;
    private readonly HealthCheck check;
    private readonly HealthProber prober;
    private readonly Random random;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly CancellationTokenSource stopping = new();
    private readonly Task ended;
    private bool wasAsked;
    private int row;

    public MemberCheck(CompiledCluster cluster, CompiledEndpoint member, HealthCheck check, MutualTlsClient mutualTls, Random random, TimeProvider time, ILogger log)
    {
        (this.cluster, this.member, this.check, this.random, this.time, this.log) = (cluster.State, member.State, check, random, time, log);
        prober = new HealthProber(cluster, member, check, mutualTls, time);
        ended = RunAsync();
    }

    /// <summary>Nobody asks any longer: the member counts as config says of those that were not asked.</summary>
    public async Task StopAsync()
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        await ended.ConfigureAwait(false);
        prober.Dispose();
        stopping.Dispose();
        (member.Health.Checked, member.Health.CheckedSince) = ("", default);
        if (member.Health.SetUnhealthy(false)) cluster.ChangeHealth(member);
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                Judge(await prober.AskAsync(stopping.Token).ConfigureAwait(false));
                var pause = check.Interval * (1 + (random.NextDouble() * check.JitterPercent / 100));
                await Task.Delay(pause, time, stopping.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Told to stop.
        }
    }

    private void Judge(ProbeAnswer answer)
    {
        var isWell = answer.Status == StatusCodes.Status200OK;
        var health = member.Health;
        // Answers that say what is known already break the row of the others.
        row = isWell == !health.IsUnhealthy ? 0 : row + 1;
        var decides = !wasAsked || row >= (isWell ? check.HealthyThreshold : check.UnhealthyThreshold);
        wasAsked = true;
        health.Checked = answer.Text;
        if (health.CheckedSince == default) health.CheckedSince = time.GetUtcNow();
        if (!decides || !health.SetUnhealthy(!isWell)) return;
        row = 0;
        health.CheckedSince = time.GetUtcNow();
        log.LogInformation("{Member} of {Cluster} is {Health}: {Answer}", member.Address, cluster.Name, isWell ? "healthy" : "unhealthy", answer.Text);
        cluster.ChangeHealth(member);
    }
}
