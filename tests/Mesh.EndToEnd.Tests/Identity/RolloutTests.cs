using Mesh.Testing;

namespace Mesh.EndToEnd.Tests.Identity;

/// <summary>Pods come and go under load, and whoever calls them sees nothing of it.</summary>
[Collection(MeshCollection.Name)]
public sealed class RolloutTests(RunningMesh running, ITestOutputHelper output)
{
    [Fact]
    public async Task A_rolling_restart_under_500_requests_a_second_fails_none()
    {
        var mesh = await running.Ready();
        WebLoad.Apply(mesh);
        try
        {
            await using var load = WebLoad.Start(mesh, 500);
            await Eventually.True(() => load.Requests > 1000, "load runs", TimeSpan.FromSeconds(90));
            mesh.Kubectl("rollout", "restart", "deployment/web", "-n", "shop");
            mesh.Kubectl("rollout", "status", "deployment/web", "-n", "shop", "--timeout=80s");
            var until = load.Requests + 1500;
            // Old pods end after new ones are ready.
            await Eventually.True(() => mesh.Kubectl("get", "pods", "-n", "shop", "-l", "app=web", "-o", "name").Split('\n', StringSplitOptions.RemoveEmptyEntries).Length == 3 && load.Requests > until, "the old pods have ended", TimeSpan.FromSeconds(90));
            var result = await load.StopAsync();
            output.WriteLine(result.ToString());
            Assert.True(result.Failures.Count == 0, result.ToString());
        }
        finally
        {
            mesh.Kubectl("delete", "namespace", "shop", "--wait=true");
        }
    }
}
