using System.Diagnostics;
using Xunit;

namespace Mesh.Testing;

/// <summary>Assertions about what becomes true soon: asks again until it holds, and fails with the last answer.</summary>
public static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Default patience: generous, since a test machine may be slow; a true condition returns at once.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Until <paramref name="condition"/> is true.</summary>
    public static Task True(Func<bool> condition, string what, TimeSpan? within = null) =>
        Holds(() => Task.FromResult(condition() ? null : "still false"), what, within);

    /// <summary>Until <paramref name="condition"/> is true.</summary>
    public static Task True(Func<Task<bool>> condition, string what, TimeSpan? within = null) =>
        Holds(async () => await condition() ? null : "still false", what, within);

    /// <summary>Until <paramref name="read"/> gives a value that satisfies <paramref name="wanted"/>; returns it.</summary>
    public static async Task<T> Is<T>(Func<Task<T>> read, Func<T, bool> wanted, string what, TimeSpan? within = null)
    {
        T last = default!;
        await Holds(async () => wanted(last = await read()) ? null : $"last seen: {last}", what, within);
        return last;
    }

    /// <summary>Until <paramref name="assertion"/> no longer throws an assertion or an I/O failure.</summary>
    public static Task Passes(Func<Task> assertion, string what, TimeSpan? within = null) =>
        Holds(async () =>
        {
            try
            {
                await assertion();
                return null;
            }
            catch (Exception e) when (e is Xunit.Sdk.XunitException or IOException or HttpRequestException or InvalidOperationException
                or System.Net.Sockets.SocketException or OperationCanceledException)
            {
                return e.Message;
            }
        }, what, within);

    /// <summary>Until <paramref name="ask"/> returns null; what it returned last explains the failure.</summary>
    private static async Task Holds(Func<Task<string?>> ask, string what, TimeSpan? within)
    {
        var patience = within ?? Patience;
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var problem = await ask();
            if (problem is null) return;
            if (clock.Elapsed > patience) Assert.Fail($"{what}: not within {patience.TotalSeconds:0.#} s; {problem}");
            await Task.Delay(Pause);
        }
    }
}
