using System.Text;
using Mesh.Sidecar.Forwarding;

namespace Mesh.Sidecar.Tests.Forwarding;

public sealed class RequestTeeTests
{
    [Fact]
    public async Task The_next_try_reads_what_was_kept_and_then_goes_on_where_the_first_stopped()
    {
        using var tee = Tee("abcdef");
        tee.Keep();
        Assert.Equal("abc", await ReadAsync(tee, 3));

        Assert.True(tee.CanReplay);
        tee.Rewind();

        Assert.Equal("abc", await ReadAsync(tee, 10));
        Assert.Equal("def", await ReadAsync(tee, 10));
        Assert.Equal("", await ReadAsync(tee, 10));
        Assert.True(tee.HasEnded);
        Assert.Equal(6, tee.BytesRead);
    }

    [Fact]
    public async Task Past_the_cap_there_is_no_further_try()
    {
        using var tee = new RequestTee(new MemoryStream(new byte[RequestTee.Cap + 10]));
        tee.Keep();
        var buffer = new byte[64 * 1024];
        while (await tee.ReadAsync(buffer, TestContext.Current.CancellationToken) > 0)
        {
        }

        Assert.False(tee.CanReplay);
        Assert.Equal(RequestTee.Cap + 10, tee.BytesRead);
    }

    [Fact]
    public async Task Without_keeping_there_is_no_further_try_once_something_was_read()
    {
        using var tee = Tee("abc");
        Assert.True(tee.CanReplay);
        await ReadAsync(tee, 1);
        Assert.False(tee.CanReplay);
    }

    [Fact]
    public async Task Let_go_in_the_middle_of_a_replay_it_still_gives_every_byte()
    {
        using var tee = Tee("abcdef");
        tee.Keep();
        await ReadAsync(tee, 4);
        tee.Rewind();
        Assert.Equal("ab", await ReadAsync(tee, 2));

        tee.Release();

        Assert.Equal("cd", await ReadAsync(tee, 10));
        Assert.Equal("ef", await ReadAsync(tee, 10));
        Assert.False(tee.CanReplay);
    }

    [Fact]
    public async Task The_end_is_told_once()
    {
        var ended = 0;
        using var tee = Tee("a");
        tee.Ended = () => ended++;
        await ReadAsync(tee, 1);
        Assert.Equal(0, ended);
        await ReadAsync(tee, 1);
        await ReadAsync(tee, 1);
        Assert.Equal(1, ended);
    }

    private static RequestTee Tee(string text) => new(new MemoryStream(Encoding.ASCII.GetBytes(text)));

    private static async Task<string> ReadAsync(RequestTee tee, int most)
    {
        var buffer = new byte[most];
        return Encoding.ASCII.GetString(buffer, 0, await tee.ReadAsync(buffer, TestContext.Current.CancellationToken));
    }
}
