using System.Net;
using Mesh.Config;
using Mesh.Sidecar.Config;
using Mesh.Sidecar.Health;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Sidecar.Tests.Health;

/// <summary>A cluster by itself, with a clock that stands still.</summary>
internal sealed class TestCluster
{
    private EndpointPool pool;

    public TestCluster(Cluster config, params Mesh.Config.Endpoint[] members)
    {
        pool = PoolOf(members);
        Cluster = new CompiledCluster(config, new ClusterState(config.Name, Changed.Add), () => pool)
        {
            Self = new WorkloadConfig { Namespace = "default", Pod = "p", Workload = "w", Region = "eu", Zone = "a" },
        };
        Cluster.State.Ejections.Obey(config.Outliers, Cluster.PoolSource, Time);
    }

    public FakeTimeProvider Time { get; } = new();

    public CompiledCluster Cluster { get; }

    public List<EndpointState> Changed { get; } = [];

    public EndpointState this[int member] => pool.Members[member].State;

    public static TestCluster Of(OutlierDetection outliers, int members) => new(
        TestConfig.ClusterOf("v1", LoadBalancing.RoundRobin) with { Outliers = outliers },
        [.. Enumerable.Range(1, members).Select(i => TestConfig.Member($"10.0.0.{i}", "v1"))]);

    public void Answer(int member, int status, int times = 1)
    {
        for (var i = 0; i < times; i++) Cluster.State.Ejections.Answered(this[member], status);
    }

    public void Fail(int member, int times = 1)
    {
        for (var i = 0; i < times; i++) Cluster.State.Ejections.Failed(this[member], timedOut: false);
    }

    /// <summary>DNS, or a new config, brings other members.</summary>
    public void Become(params Mesh.Config.Endpoint[] members) => pool = PoolOf(members);

    private EndpointPool PoolOf(IEnumerable<Mesh.Config.Endpoint> members) => new(
    [
        .. members.Select(member =>
        {
            var address = new IPEndPoint(IPAddress.Parse(member.Address), member.Port);
            var known = pool?.Members.FirstOrDefault(m => m.Address.Equals(address))?.State;
            return new CompiledEndpoint(member, address, known ?? new EndpointState("c", address) { MetAt = Time.GetTimestamp() });
        }),
    ]);
}
