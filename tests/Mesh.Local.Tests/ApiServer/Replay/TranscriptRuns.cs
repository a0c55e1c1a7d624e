using System.Collections.Concurrent;

namespace Mesh.Local.Tests.ApiServer.Replay;

/// <summary>
/// All transcripts, each replayed once against a server of its own, a few at a time because most of a replay is waiting.
/// MESH_REPLAY_ONLY names some (parts of their names, by comma).
/// </summary>
public sealed class TranscriptRuns : IAsyncLifetime
{
    private readonly ConcurrentDictionary<string, IReadOnlyList<Difference>> found = new();

    internal static string[] Only { get; } = (Environment.GetEnvironmentVariable("MESH_REPLAY_ONLY") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);

    internal static IReadOnlyList<string> Selected { get; } = [.. Transcript.Present ? Transcript.Names.Where(IsSelected) : []];

    internal IReadOnlyList<Difference> this[string transcript] => found.GetValueOrDefault(transcript, []);

    /// <summary>Some need more of the machine than others: the ones that have a node are not replayed without root.</summary>
    internal bool Ran(string transcript) => found.ContainsKey(transcript);

    public async ValueTask InitializeAsync() => await Parallel.ForEachAsync(
        Selected, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (name, _) =>
        {
            if (CanRun(name)) found[name] = await BestAsync(name);
        });

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>
    /// Where controllers work side by side, or time is hurried, who comes first is chance: such a recording may be replayed
    /// three times. What is no chance differs each time, and a fault of the server ends it at once.
    /// </summary>
    private static async Task<IReadOnlyList<Difference>> BestAsync(string name)
    {
        var attempts = new TranscriptSetting(Transcript.Read(name)).LeavesMuchToChance ? 3 : 1;
        while (true)
        {
            var differences = await ReplayAsync(name);
            if (--attempts == 0 || differences.Any(one => one.Field == "fault") || differences.All(one => AllowedDifferences.For(name, one) is not null))
                return differences;
        }
    }

    private static async Task<IReadOnlyList<Difference>> ReplayAsync(string name)
    {
        var transcript = Transcript.Read(name);
        var setting = new TranscriptSetting(transcript);
        await using var node = await setting.NodeAsync();
        await using var server = await ApiServerFixture.StartAsync(setting.With);
        await using var controllers = await setting.ControllersAsync(server);
        await setting.PrepareAsync(server);
        if (node is not null)
            await node.StartAsync(server.Kubeconfig);
        await using var replayer = await Replayer.StartAsync(server, transcript, setting);
        await replayer.RunAsync();
        return [.. replayer.Differences, .. server.Faults.Distinct().Select(fault => new Difference(-1, "fault", "fault", fault.ToString()))];
    }

    private static bool CanRun(string name) => !new TranscriptSetting(Transcript.Read(name)).Node || Environment.IsPrivilegedProcess;

    private static bool IsSelected(string name) => Only.Length == 0 || Only.Any(part => name.Contains(part, StringComparison.Ordinal));
}
