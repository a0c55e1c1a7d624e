using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Mesh.Sidecar.Config;

/// <summary>One name and its addresses; looks it up until disposed, for all clusters that have it as a member.</summary>
internal sealed class WatchedName : IDisposable
{
    // A name that does not resolve is asked for again soon, then seldom: resolvers are shared by everybody.
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource stopping = new();
    private readonly TaskCompletionSource answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string name;
    private readonly DnsPools.Resolver resolve;
    private readonly TimeProvider clock;
    private readonly TimeSpan refresh;
    private readonly ILogger log;
    private int failures;

    /// <param name="name">The name.</param>
    /// <param name="resolve">Looks it up.</param>
    /// <param name="refresh">After an answer, how long until it is asked for again.</param>
    /// <param name="clock">Tells the time.</param>
    /// <param name="log">Is told of failures.</param>
    public WatchedName(string name, DnsPools.Resolver resolve, TimeSpan refresh, TimeProvider clock, ILogger log)
    {
        (this.name, this.resolve, this.refresh, this.clock, this.log) = (name, resolve, refresh, clock, log);
        State = new Answer([], $"{name} is not resolved yet");
        _ = RunAsync();
    }

    /// <summary>Raised after each answer that differs from the one before, its order included.</summary>
    public event Action? Changed;

    /// <summary>The last addresses there were, and why there are none.</summary>
    public Answer State { get; private set; }

    /// <summary>Done after the first lookup, whatever it came to.</summary>
    public Task Answered => answered.Task;

    public void Dispose() => stopping.Cancel();

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                var pause = await LookUpAsync().ConfigureAwait(false) ? refresh : PauseAfter(++failures);
                answered.TrySetResult();
                await Task.Delay(pause, clock, stopping.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Nobody asks any longer.
        }
    }

    private static TimeSpan PauseAfter(int failures)
    {
        var pause = FirstPause * Math.Pow(2, Math.Min(failures - 1, 10));
        return pause < LongestPause ? pause : LongestPause;
    }

    private async Task<bool> LookUpAsync()
    {
        try
        {
            var addresses = await resolve(name, stopping.Token).ConfigureAwait(false);
            if (addresses.Length == 0) throw new SocketException((int)SocketError.NoData);
            failures = 0;
            if (!State.Addresses.SequenceEqual(addresses)) Tell(new Answer([.. addresses], null));
            return true;
        }
        catch (SocketException failure)
        {
            if (failures == 0) log.LogWarning("{Name} does not resolve: {Problem}", name, failure.Message);
            // The last addresses are better than none.
            if (State.Addresses.IsEmpty) Tell(new Answer([], $"{name} does not resolve: {failure.Message}"));
            return false;
        }
    }

    private void Tell(Answer answer)
    {
        State = answer;
        Changed?.Invoke();
    }

    /// <param name="Addresses">As the resolver ordered them.</param>
    /// <param name="Failure">Why there are none; <c>null</c> when there are.</param>
    internal sealed record Answer(ImmutableArray<IPAddress> Addresses, string? Failure);
}
