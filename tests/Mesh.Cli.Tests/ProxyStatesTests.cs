using k8s.Models;
using Mesh.Api;
using Mesh.Config;

namespace Mesh.Cli.Tests;

public sealed class ProxyStatesTests
{
    private static readonly V1Pod Pod = new() { Metadata = new V1ObjectMeta { Name = "p", NamespaceProperty = "default" } };

    [Fact]
    public void A_proxy_that_holds_the_record_s_hash_is_in_sync()
    {
        var state = ProxyStates.Compare(Pod, Record(3, "abc"), Report(3, "abc"), null);
        Assert.True(state.InSync);
        Assert.Equal((3L, 3L, ""), (state.Held, state.Wanted, state.Why));
    }

    [Fact]
    public void One_that_is_behind_says_so() =>
        Assert.Equal("has not loaded the newest revision yet", ProxyStates.Compare(Pod, Record(4, "def"), Report(3, "abc"), null).Why);

    [Fact]
    public void One_that_refused_says_what_and_why()
    {
        var report = Report(3, "abc") with { Refused = new RefusedConfig { Revision = 4, Hash = "def", Problems = [new ConfigProblem("routes/80", "is wrong")] } };
        var state = ProxyStates.Compare(Pod, Record(4, "def"), report, null);
        Assert.False(state.InSync);
        Assert.Equal("revision 4 was refused: routes/80: is wrong", state.Why);
    }

    [Fact]
    public void One_that_is_silent_or_has_no_record_says_so()
    {
        Assert.Equal("no answer", ProxyStates.Compare(Pod, Record(1, "a"), null, "no answer").Why);
        Assert.Equal("the operator has written no config yet", ProxyStates.Compare(Pod, null, Report(0, ""), null).Why);
    }

    private static V1ConfigMap Record(long revision, string hash) => new()
    {
        Metadata = new V1ObjectMeta { Annotations = new Dictionary<string, string> { [MeshLabels.RecordRevision] = $"{revision}", [MeshLabels.Hash] = hash } },
    };

    private static ProxyReport Report(long revision, string hash) => new() { Sequence = 1, Instance = "i", Revision = revision, Hash = hash };
}
