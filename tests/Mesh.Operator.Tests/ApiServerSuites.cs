using Mesh.Operator.Tests.Servers;
using Mesh.Testing;

namespace Mesh.Operator.Tests;

public sealed class OnTheEmbeddedServer : ApiServerSuite
{
    protected override async Task<ITestServer> StartServerAsync() => await EmbeddedServer.StartAsync();
}

public sealed class OnKubebuilderAssets : ApiServerSuite
{
    protected override async Task<ITestServer> StartServerAsync()
    {
        var assets = Environment.GetEnvironmentVariable("KUBEBUILDER_ASSETS");
        Needs.Require("cluster", assets is not null && File.Exists(Path.Combine(assets, "kube-apiserver")), "needs kube-apiserver and etcd: set KUBEBUILDER_ASSETS to their directory");
        return await AssetsServer.StartAsync(assets!);
    }
}

public sealed class OnAGivenServer : ApiServerSuite
{
    protected override Task<ITestServer> StartServerAsync() => Task.FromResult<ITestServer>(new GivenServer(Needs.Cluster()));
}
