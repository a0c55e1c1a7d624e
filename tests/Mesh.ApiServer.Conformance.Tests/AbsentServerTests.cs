using Mesh.ApiServer.Conformance.Tests.Servers;
using Mesh.Testing;

namespace Mesh.ApiServer.Conformance.Tests;

/// <summary>Says loudly on which servers the whole suite did not run.</summary>
public sealed class AbsentServerTests
{
    [Theory]
    [InlineData(ServerKind.MeshUp)]
    [InlineData(ServerKind.KubebuilderAssets)]
    [InlineData(ServerKind.Given)]
    [InlineData(ServerKind.K3s)]
    public void The_whole_suite_ran_on(ServerKind kind)
    {
        Needs.Require("cluster", ServerPool.Missing(kind) is null, $"stands for every behaviour of this suite on {kind}: {ServerPool.Missing(kind)}");
        Assert.Contains(kind, ServerPool.Present);
    }
}
