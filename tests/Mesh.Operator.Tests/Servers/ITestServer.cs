namespace Mesh.Operator.Tests.Servers;

/// <summary>An API server the suite runs against.</summary>
public interface ITestServer : IAsyncDisposable
{
    /// <summary>For an administrator.</summary>
    string Kubeconfig { get; }

    /// <summary>Whether the server can call webhooks on this machine's loopback.</summary>
    bool ReachesUs { get; }
}
