using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;
using Mesh.Testing;

namespace Mesh.Sidecar.Tests.Control;

public sealed class MemberReportsTests
{
    [Fact]
    public async Task A_member_that_is_left_out_stands_in_the_report_until_it_is_back()
    {
        var config = new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http, RawServer.ClosedPort(), RawServer.ClosedPort());
        config = config with { Clusters = [.. config.Clusters.Select(cluster => cluster with { Outliers = new() { Consecutive5xx = 1, MaxEjectionPercent = 100 } })] };
        await using var sidecar = await TestSidecar.StartAsync(config);
        Assert.Empty(sidecar.Sidecar.State.Report.Members);
        using var client = sidecar.Client();
        (await client.GetAsync("http://reviews/", TestContext.Current.CancellationToken)).Dispose();

        await Eventually.True(() => sidecar.Sidecar.State.Report.Members.Length == 1, "the ejection to be reported");
        var member = sidecar.Sidecar.State.Report.Members[0];
        Assert.Equal(MemberCondition.Ejected, member.Condition);
        Assert.StartsWith("reviews-", member.Pod, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(30), member.Until - member.Since);

        sidecar.Apply(config with { Revision = 2, Clusters = [.. config.Clusters.Select(cluster => cluster with { Outliers = null })] });
        await Eventually.True(() => sidecar.Sidecar.State.Report.Members.IsEmpty, "it to be back");
    }
}
