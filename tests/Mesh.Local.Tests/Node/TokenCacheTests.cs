using k8s.Models;
using Mesh.Local.Node.Volumes;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Local.Tests.Node;

public sealed class TokenCacheTests
{
    [Fact]
    public async Task A_token_is_kept_for_four_fifths_of_its_time()
    {
        var time = new FakeTimeProvider();
        var asked = 0;
        var cache = new TokenCache((_, _, _, _) => Task.FromResult($"token {++asked}"), time);
        var pod = new V1Pod { Metadata = new V1ObjectMeta { Uid = "u" } };
        Assert.Equal("token 1", await cache.GetAsync(pod, null, 100, default));
        time.Advance(TimeSpan.FromSeconds(79));
        Assert.Equal("token 1", await cache.GetAsync(pod, null, 100, default));
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("token 2", await cache.GetAsync(pod, null, 100, default));
        Assert.Equal("token 3", await cache.GetAsync(pod, "other", 100, default));
    }
}
