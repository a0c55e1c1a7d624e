namespace Mesh.Operator.Health;

/// <summary>
/// Whether a restart would help: a turn of a loop that has gone on for minutes never ends. What the world is slow with has
/// time limits of its own (a question to the API server 30 s, a watch its span) and is no reason: a restart would only lose
/// what is known. A loop that fails altogether ends the process by itself.
/// </summary>
public sealed class Liveness(IEnumerable<IEntityWatcher> watchers, MeshLoop loop)
{
    /// <summary>No honest turn is so long.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>What hangs; null while all is alive.</summary>
    public string? Problem => ProblemOf([.. watchers.Select(watcher => ($"reconciling {watcher.Kind}", watcher.Turning)), ("planning", loop.Turning)]);

    internal static string? ProblemOf(IEnumerable<(string Loop, TimeSpan? Turning)> loops)
    {
        var hanging = loops.Where(one => one.Turning > Patience).Select(one => $"{one.Loop} for {one.Turning!.Value.TotalSeconds:0} s").ToList();
        return hanging.Count == 0 ? null : $"a turn does not end: {string.Join(", ", hanging)}";
    }
}
