using System.Collections.Immutable;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Mesh.Local.Faults;
using Mesh.Local.Node.Linux;
using Mesh.Local.Node.Network;
using Mesh.Testing;

namespace Mesh.Local.Tests.Faults;

/// <summary>Faults between two real pods of a real node: what is measured is what a client sees.</summary>
public sealed class NodeFaultsTests : IAsyncLifetime
{
    private const int Port = 8080;
    private NodeNetwork _node = null!;
    private PodNetwork _client = null!;
    private PodNetwork _server = null!;
    private PodNetwork _other = null!;
    private NodeFaults _faults = null!;
    private Socket _listener = null!;

    public async ValueTask InitializeAsync()
    {
        Needs.Netns();
        Needs.Program("tc", "iproute2");
        _node = await NodeNetwork.CreateAsync(AddressPlan.Choose("fault-test", []), default);
        _client = await _node.AddPodAsync(default);
        _server = await _node.AddPodAsync(default);
        _other = await _node.AddPodAsync(default);
        _faults = new NodeFaults(_node, TimeProvider.System, Random.Shared);
        _listener = Serve();
    }

    public ValueTask DisposeAsync()
    {
        _listener?.Dispose();
        _faults?.Dispose();
        foreach (var pod in new[] { _client, _server, _other }) pod?.Dispose();
        _node?.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_delay_holds_each_packet_one_way_and_meets_nobody_else()
    {
        await ApplyAsync(Between() with { DelayMilliseconds = 150 });
        // The handshake's first packet waits, and so does the request.
        Assert.InRange(await AskAsync(_client), 300, long.MaxValue);
        Assert.InRange(await FastestAsync(_other), 0, 299);
        await ApplyAsync(Between() with { DelayMilliseconds = 100, BothWays = true });
        Assert.InRange(await AskAsync(_client), 400, long.MaxValue);
        await ApplyAsync();
        Assert.InRange(await FastestAsync(_client), 0, 299);
    }

    [Fact]
    public async Task A_cut_lets_nothing_pass_either_way()
    {
        await ApplyAsync(Between() with { Cut = true, BothWays = true });
        Assert.Equal(-1, await AskAsync(_client, TimeSpan.FromMilliseconds(400)));
        Assert.NotEqual(-1, await AskAsync(_other));
    }

    [Fact]
    public async Task Loss_of_everything_is_a_cut_and_half_of_it_is_survived()
    {
        await ApplyAsync(Between() with { LossPercent = 100 });
        Assert.Equal(-1, await AskAsync(_client, TimeSpan.FromMilliseconds(400)));
        await ApplyAsync(Between() with { LossPercent = 30 });
        Assert.NotEqual(-1, await AskAsync(_client, TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public async Task A_rate_is_what_bytes_get_through()
    {
        const int size = 100_000;
        await ApplyAsync(Between() with { BitsPerSecond = 1_000_000, From = "server", To = "client" });
        // 800 kbit at 1 mbit: no less than the time of what lies beyond the queue's burst.
        Assert.InRange(await AskAsync(_client, TimeSpan.FromSeconds(20), size), 500, long.MaxValue);
        await ApplyAsync();
        Assert.InRange(await FastestAsync(_client, size), 0, 499);
    }

    [Fact]
    public async Task A_rate_and_a_delay_of_one_fault_add_up()
    {
        await ApplyAsync(Between() with { DelayMilliseconds = 100, BitsPerSecond = 1_000_000, From = "server", To = "client" });
        Assert.InRange(await AskAsync(_client, TimeSpan.FromSeconds(20), 100_000), 700, long.MaxValue);
    }

    private static Fault Between() => new() { Name = "f", From = "client", To = "server", Namespace = "default" };

    private Task ApplyAsync(params Fault[] faults) => _faults.ApplyAsync([.. faults.Select((f, i) => new FaultLink(i + 1, f, Of(f.From), Of(f.To)))], false, default);

    private ImmutableArray<string>? Of(string side) => [(side == "client" ? _client : _server).Address.IPv4.ToString()];

    /// <summary>The best of a few tries: a busy machine slows some of them.</summary>
    private async Task<long> FastestAsync(PodNetwork from, int size = 1)
    {
        var best = long.MaxValue;
        for (var i = 0; i < 5; i++) best = Math.Min(best, await AskAsync(from, null, size));
        return best;
    }

    /// <summary>Milliseconds from the connect to the last byte of the answer; -1 when there was none in time.</summary>
    private async Task<long> AskAsync(PodNetwork from, TimeSpan? limit = null, int size = 1)
    {
        using var given = new CancellationTokenSource(limit ?? TimeSpan.FromSeconds(10));
        var began = Stopwatch.GetTimestamp();
        try
        {
            using var socket = await new NamespaceSockets(from.Namespace).ConnectAsync(new IPEndPoint(_server.Address.IPv4, Port), given.Token);
            await socket.SendAsync(BitConverter.GetBytes(size), given.Token);
            var buffer = new byte[64 * 1024];
            for (var left = size; left > 0;) left -= await socket.ReceiveAsync(buffer, given.Token);
            return (long)Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        }
        catch (OperationCanceledException)
        {
            return -1;
        }
    }

    /// <summary>Answers each connection with as many bytes as it asks for.</summary>
    private Socket Serve()
    {
        var listener = new NamespaceSockets(_server.Namespace).Listen(new IPEndPoint(IPAddress.Any, Port));
        _ = Task.Run(async () =>
        {
            while (true) _ = AnswerAsync(await listener.AcceptAsync());
        });
        return listener;
    }

    private static async Task AnswerAsync(Socket accepted)
    {
        using (accepted)
        {
            accepted.NoDelay = true;
            var asked = new byte[4];
            await accepted.ReceiveAsync(asked);
            await accepted.SendAsync(new byte[BitConverter.ToInt32(asked)]);
            await accepted.ReceiveAsync(asked); // Until the client has gone.
        }
    }
}
