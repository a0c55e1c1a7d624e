using Mesh.Sidecar.Balancing;
using Mesh.Sidecar.Connections;
using Mesh.Sidecar.Health;

namespace Mesh.Sidecar.Forwarding;

/// <summary>
/// Sends copies of requests and throws away what comes back. Whoever asked never waits for it and never hears of it; past
/// the bounds (copies and bytes of bodies under way) a copy is dropped and counted.
/// </summary>
public sealed class MirrorSender(EndpointPicker picker, UpstreamClients clients, TimeProvider time)
{
    /// <summary>The most copies under way.</summary>
    public const int MostCopies = 1024;

    /// <summary>The most bytes of bodies of copies under way.</summary>
    public const long MostBytes = 64 * 1024 * 1024;

    /// <summary>How long a copy may take where its request has no timeout.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private static readonly TriedEndpoints None = new();

    private int copies;
    private long bytes;
    private long sent;
    private long failed;
    private long dropped;

    /// <summary>Copies that were answered, whatever the answer.</summary>
    public long Sent => Volatile.Read(ref sent);

    /// <summary>Copies that were not answered, or had no endpoint to go to.</summary>
    public long Failed => Volatile.Read(ref failed);

    /// <summary>Copies that were not sent: body too long or not sent to its end, too many under way, over a limit of the cluster.</summary>
    public long Dropped => Volatile.Read(ref dropped);

    /// <summary>A copy that will not be sent.</summary>
    public void Drop() => Interlocked.Increment(ref dropped);

    /// <summary>Sends a copy; returns at once.</summary>
    public void Send(RequestCopy copy)
    {
        var size = copy.Body?.Length ?? 0;
        if (Interlocked.Increment(ref copies) > MostCopies || Interlocked.Add(ref bytes, size) > MostBytes)
        {
            Leave(size);
            Drop();
            return;
        }

        ThreadPool.UnsafeQueueUserWorkItem(
            static work => _ = work.Sender.SendAsync(work.Copy, work.Size), (Sender: this, Copy: copy, Size: size), preferLocal: false);
    }

    private async Task SendAsync(RequestCopy copy, int size)
    {
        try
        {
            if (copy.Cluster.Hosts is { } hosts) copy.Cluster = await hosts.ClusterOfAsync(copy.Cluster, copy.Authority, CancellationToken.None);
            if (picker.Pick(copy.Cluster, copy.Destination, None, copy.Hash) is { } endpoint) await SendAsync(copy, endpoint);
            else Interlocked.Increment(ref failed);
        }
        finally
        {
            Leave(size);
        }
    }

    private async Task SendAsync(RequestCopy copy, Config.CompiledEndpoint endpoint)
    {
        using var limit = new CancellationTokenSource(copy.Timeout ?? Longest, time);
        if (copy.Cluster.Config.Pool is not { } limits)
        {
            await CarryAsync(copy, endpoint, null, limit.Token);
            return;
        }

        // A copy counts among the cluster's requests, and is shed as they are.
        var (isHttp1, state) = (!copy.IsHttp2, endpoint.State);
        using var place = copy.Cluster.State.Breaker.TryEnter(limits, isHttp1, mustDial: isHttp1 ? state.Active >= state.Connections : state.Connections == 0);
        if (place is not null && await HasTurnAsync(place, limit.Token)) await CarryAsync(copy, endpoint, place, limit.Token);
        else Drop();
    }

    private static async ValueTask<bool> HasTurnAsync(Admission place, CancellationToken limit)
    {
        try
        {
            await place.Turn.WaitAsync(limit);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task CarryAsync(RequestCopy copy, Config.CompiledEndpoint endpoint, Admission? place, CancellationToken limit)
    {
        var client = clients.Use(endpoint, copy.Cluster, toApplication: false, copy.IsHttp2);
        var status = 0;
        copy.Cluster.State.Begin();
        endpoint.State.Begin();
        try
        {
            var header = ProxyHeader.For(copy.Cluster.Config.ProxyProtocol, copy.Source, copy.Destination);
            using var message = copy.MessageTo(client.PrefixFor(copy.Authority, header));
            if (header is not null) message.Options.Set(UpstreamClient.Header, header);
            if (place is not null) message.Options.Set(UpstreamClient.Place, place);
            using var response = await client.Invoker.SendAsync(message, limit);
            place?.Connected();
            status = (int)response.StatusCode;
            await response.Content.CopyToAsync(Stream.Null, limit); // so that the connection can be used again
            Interlocked.Increment(ref sent);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or ConnectFailedException or ObjectDisposedException)
        {
            Interlocked.Increment(ref failed);
        }
        finally
        {
            endpoint.State.End(failed: status is 0 or >= 500);
            copy.Cluster.State.End();
            client.Release();
            Record(copy, endpoint, status, timedOut: limit.IsCancellationRequested);
        }
    }

    // A member that fails for copies fails for requests as well.
    private static void Record(RequestCopy copy, Config.CompiledEndpoint endpoint, int status, bool timedOut)
    {
        if (copy.Cluster.Config.Outliers is null) return;
        if (status == 0) copy.Cluster.State.Ejections.Failed(endpoint.State, timedOut);
        else copy.Cluster.State.Ejections.Answered(endpoint.State, status);
    }

    private void Leave(int size)
    {
        Interlocked.Decrement(ref copies);
        Interlocked.Add(ref bytes, -size);
    }
}
