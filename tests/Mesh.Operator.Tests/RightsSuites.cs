using Mesh.Testing;
using Mesh.Testing.Servers;

namespace Mesh.Operator.Tests;

public sealed class RightsOnTheEmbeddedServer : RightsSuite
{
    protected override async Task<ITestServer> StartServerAsync() => await EmbeddedServer.StartAsync();
}

public sealed class RightsOnKubebuilderAssets : RightsSuite
{
    protected override async Task<ITestServer> StartServerAsync()
    {
        Needs.Require("cluster", AssetsServer.Directory is not null, "needs kube-apiserver and etcd: set KUBEBUILDER_ASSETS to their directory");
        return await AssetsServer.StartAsync(AssetsServer.Directory!);
    }
}

public sealed class RightsOnAGivenServer : RightsSuite
{
    protected override async Task<ITestServer> StartServerAsync() => await GivenServer.FindAsync(Needs.Cluster());
}
