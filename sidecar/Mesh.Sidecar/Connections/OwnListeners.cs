using System.Net;
using System.Net.Sockets;
using Mesh.Sidecar.Config;

namespace Mesh.Sidecar.Connections;

/// <summary>
/// The ports that config has the sidecar listen on by itself, beside the captured ones. A port that cannot be had (somebody
/// else has it, or the pod may not use it) is tried again; nothing else waits for it.
/// </summary>
public sealed class OwnListeners(ProxyState state, Func<Socket, OwnPlace, Task> handle, TimeProvider time, ILogger log) : IAsyncDisposable
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);

    private readonly Dictionary<OwnPlace, AcceptLoop> open = [];
    private readonly HashSet<OwnPlace> refused = [];
    private readonly Doorbell news = new();
    private readonly CancellationTokenSource stopping = new();
    private Task loop = Task.CompletedTask;

    /// <summary>Listens as the config in force says, and from now on follows it.</summary>
    public async Task StartAsync()
    {
        state.Swapped += _ => news.Ring();
        await FollowAsync();
        loop = RunAsync();
    }

    /// <summary>Takes what waits and closes all ports.</summary>
    public async Task StopAsync()
    {
        await stopping.CancelAsync();
        await loop;
        foreach (var accepting in open.Values) await accepting.DisposeAsync();
        open.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        stopping.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                if (refused.Count > 0) await news.WaitAsync(Retry, time, stopping.Token);
                else await news.WaitAsync(stopping.Token);
                await FollowAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    private async Task FollowAsync()
    {
        var wanted = OwnPlace.Of(state.Current!.Config).ToHashSet();
        refused.IntersectWith(wanted);
        foreach (var place in open.Keys.Where(place => !wanted.Contains(place)).ToList())
        {
            open.Remove(place, out var accepting);
            await accepting!.DisposeAsync();
            log.LogInformation("Listens no more for {Direction} connections at {Address}", place.Direction, place.Address);
        }

        foreach (var place in wanted.Where(place => !open.ContainsKey(place))) Open(place);
    }

    private void Open(OwnPlace place)
    {
        var accepting = new AcceptLoop(place.Address.Port, socket => handle(socket, place), log, place.Address.Address.Equals(IPAddress.Any) ? null : place.Address.Address);
        try
        {
            accepting.Start();
            open.Add(place, accepting);
            refused.Remove(place);
            log.LogInformation("Listens for {Direction} connections at {Address}", place.Direction, place.Address);
        }
        catch (SocketException e)
        {
            if (refused.Add(place)) log.LogWarning("Cannot listen at {Address} for {Direction} connections: {Error}. It is tried again every {Retry}", place.Address, place.Direction, e.SocketErrorCode, Retry);
        }
    }
}
