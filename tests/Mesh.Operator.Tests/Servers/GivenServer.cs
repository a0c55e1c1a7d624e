namespace Mesh.Operator.Tests.Servers;

/// <summary>Any API server whose kubeconfig the caller gave; it is left running, and as it was.</summary>
internal sealed class GivenServer(string kubeconfig) : ITestServer
{
    public string Kubeconfig { get; } = kubeconfig;

    public bool ReachesUs => false;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
