using System.Diagnostics;
using System.Globalization;
using Mesh.Testing;

namespace Mesh.Benchmarks.Soak;

/// <summary>
/// Faults and load: three servers and a client, each with its sidecar, a fault for some seconds of load, then the next. Every
/// line is judged by what a user was promised. Bounded: about five minutes in all.
/// </summary>
public static class SoakBench
{
    /// <summary>Runs them all, or those whose name holds <paramref name="only"/>; each line is told as it is done.</summary>
    public static async Task<IReadOnlyList<SoakLine>> RunAsync(int seconds, string only, Action<SoakLine> told)
    {
        using var mesh = new SoakMesh($"soak-{Environment.ProcessId}");
        mesh.Start();
        var duration = TimeSpan.FromSeconds(seconds);
        var undisturbed = TimeSpan.Zero; // the slowest answer without a fault: a machine that has other work to do is slow by itself
        (string Name, Func<Task<SoakLine>> Run)[] scenes =
        [
            ("nothing", () => NothingAsync(mesh, duration)),
            ("loss", () => WithFaultAsync(mesh, duration, "5 % of packets to and from the servers lost", ["loss", "5%", "--from", "pod/client", "--to", "app=server", "--both-ways"])),
            ("delay", () => WithFaultAsync(mesh, duration, "100 ms more for each packet to and from the servers, 50 ms jitter", ["delay", "100ms", "--jitter", "50ms", "--from", "pod/client", "--to", "app=server", "--both-ways"])),
            ("cut", () => CutAsync(mesh, duration)),
            ("paused", () => PausedAsync(mesh, duration)),
            ("slow", () => SlowAsync(mesh, duration, undisturbed)),
            ("half", () => HalfAsync(mesh, duration)),
            ("gone", () => GoneAsync(mesh, duration)),
            ("breaker", () => BreakerAsync(mesh, duration)),
            ("budget", () => BudgetAsync(mesh, duration)),
            ("rollout", () => RolloutAsync(mesh)),
        ];
        var lines = new List<SoakLine>();
        foreach (var (name, run) in scenes.Where(scene => scene.Name.Contains(only, StringComparison.Ordinal)))
        {
            lines.Add(await run());
            if (name == "nothing") undisturbed = TimeSpan.FromMilliseconds(lines[^1].Result.WorstMilliseconds);
            told(lines[^1]);
        }

        return lines;
    }

    private static async Task<SoakLine> NothingAsync(SoakMesh mesh, TimeSpan duration)
    {
        mesh.Rules("");
        await LoadAsync(mesh, "server", "/health", 100, duration); // programs that just started compile what they run
        var (result, flags) = await LoadAsync(mesh, "server", "/health", 500, duration);
        return new SoakLine("nothing", "none", result, flags, "no request fails", result.Failures.Count == 0);
    }

    private static async Task<SoakLine> WithFaultAsync(SoakMesh mesh, TimeSpan duration, string what, string[] fault)
    {
        mesh.Rules("");
        mesh.Fault([.. fault, "--as", "soak"]);
        try
        {
            var (result, flags) = await LoadAsync(mesh, "server", "/health", 100, duration);
            return new SoakLine(what, "none", result, flags, "no request fails, they only take longer", result.Failures.Count == 0);
        }
        finally
        {
            mesh.Fault("remove", "soak");
        }
    }

    private static Task<SoakLine> CutAsync(SoakMesh mesh, TimeSpan duration)
    {
        var victim = mesh.Servers()[0];
        return OneOfThreeAsync(mesh, duration, "the link to one of three servers cut", victim,
            () => mesh.Fault("cut", "--from", "pod/client", "--to", $"pod/{victim}", "--as", "soak"), () => mesh.Fault("remove", "soak"));
    }

    private static Task<SoakLine> PausedAsync(SoakMesh mesh, TimeSpan duration)
    {
        var victim = mesh.Servers()[0];
        return OneOfThreeAsync(mesh, duration, "one of three servers and its sidecar stopped (SIGSTOP)", victim,
            () => mesh.Fault("pause", $"pod/{victim}"), () => mesh.Fault("resume", $"pod/{victim}"));
    }

    /// <summary>One of three members stops answering under load, and comes back.</summary>
    private static async Task<SoakLine> OneOfThreeAsync(SoakMesh mesh, TimeSpan duration, string what, string victim, Action fault, Action mend)
    {
        mesh.Rules(SoakRules.Recover);
        await LoadAsync(mesh, "server", "/health", 100, TimeSpan.FromSeconds(4), 32); // new rules make new connections: those are not the fault
        var before = await mesh.FlagsAsync();
        await using var load = mesh.Load("server", "/health", 100, 32);
        await Task.Delay(TimeSpan.FromSeconds(2));
        HttpLoadResult result;
        fault();
        try
        {
            await Task.Delay(duration);
            result = await load.StopAsync();
        }
        finally
        {
            mend();
        }

        var flags = Since(before, await mesh.FlagsAsync());
        var mended = Stopwatch.StartNew();
        var back = false;
        while (!back && mended.Elapsed < TimeSpan.FromSeconds(60))
        {
            var (after, _) = await LoadAsync(mesh, "server", "/health", 50, TimeSpan.FromSeconds(2));
            back = after.Pods.GetValueOrDefault(victim) > 0;
        }

        return new SoakLine(
            what, "timeout 10 s, 3 retries of 1 s each, outlier detection", result, flags, "no request fails; the server is used again afterwards",
            result.Failures.Count == 0 && back, back ? FormattableString.Invariant($"used again within {mended.Elapsed.TotalSeconds:0} s") : "not used again within a minute");
    }

    private static async Task<SoakLine> SlowAsync(SoakMesh mesh, TimeSpan duration, TimeSpan undisturbed)
    {
        mesh.Rules(SoakRules.Deadline);
        var (result, flags) = await LoadAsync(mesh, "server", "/delay/5", 20, duration, connections: 32);
        var all = result.Outcomes.GetValueOrDefault("504");
        var late = TimeSpan.FromSeconds(1) + (undisturbed > TimeSpan.FromSeconds(1) ? undisturbed : TimeSpan.FromSeconds(1));
        return new SoakLine(
            "servers that take 5 s", "timeout 1 s, 5 retries of 400 ms each", result, flags, FormattableString.Invariant($"every request is answered 504 (UT), none after more than {late.TotalSeconds:0.0} s: the deadline covers all tries"),
            all == result.Requests && result.WorstMilliseconds < late.TotalMilliseconds, FormattableString.Invariant($"slowest {result.WorstMilliseconds:0} ms"));
    }

    private static async Task<SoakLine> HalfAsync(SoakMesh mesh, TimeSpan duration)
    {
        mesh.Rules(SoakRules.Again);
        var before = await mesh.RetriesAsync();
        var (result, flags) = await LoadAsync(mesh, "half", "/half", 50, duration);
        var retries = (await mesh.RetriesAsync()).Made - before.Made;
        return new SoakLine(
            "a server that breaks off within its answers", "5 retries on 5xx and reset", result, flags, "every answer is broken off at the client too, and none is tried again",
            result.Outcomes.GetValueOrDefault("cut") == result.Requests && retries == 0, Text(retries, "retries"));
    }

    private static async Task<SoakLine> GoneAsync(SoakMesh mesh, TimeSpan duration)
    {
        mesh.Rules(SoakRules.Again);
        var before = await mesh.RetriesAsync();
        var (result, flags) = await LoadAsync(mesh, "half", "/gone", 100, duration);
        var retries = (await mesh.RetriesAsync()).Made - before.Made;
        return new SoakLine(
            "a server that closes a tenth of its connections instead of answering", "5 retries on 5xx and reset", result, flags, "no request fails",
            result.Failures.Count == 0, Text(retries, "of them tried again by the client's sidecar"));
    }

    private static async Task<SoakLine> BreakerAsync(SoakMesh mesh, TimeSpan duration)
    {
        mesh.Rules(SoakRules.Breaker);
        // Half a second each, 200 a second: a hundred at a time where twenty are allowed.
        var (result, flags) = await LoadAsync(mesh, "server", "/delay/0.5", 200, duration, connections: 128);
        var (good, shed) = (result.Outcomes.GetValueOrDefault("200"), result.Outcomes.GetValueOrDefault("503"));
        return new SoakLine(
            "five times as many requests at a time as the limit", "at most 20 requests at a time", result, flags, "20 at a time are answered, the others at once 503 (UO)",
            good + shed == result.Requests && good >= duration.TotalSeconds * 20 && shed == flags.GetValueOrDefault("UO") && shed > 0, Text(shed, "shed"));
    }

    private static async Task<SoakLine> BudgetAsync(SoakMesh mesh, TimeSpan duration)
    {
        mesh.Rules(SoakRules.Budget);
        var before = await mesh.RetriesAsync();
        var (result, flags) = await LoadAsync(mesh, "server", "/status/503", 200, duration, connections: 32);
        var after = await mesh.RetriesAsync();
        var (made, refused) = (after.Made - before.Made, after.OverBudget - before.OverBudget);
        return new SoakLine(
            "servers that answer nothing but 503", "3 retries on 5xx, retry budget 20 %", result, flags, "the servers get far fewer than three times as many tries: retries at most half of the requests",
            result.Outcomes.GetValueOrDefault("503") == result.Requests && made <= result.Requests / 2 && refused > 0, $"{Text(made, "retries")}, {Text(refused, "over the budget")}");
    }

    private static async Task<SoakLine> RolloutAsync(SoakMesh mesh)
    {
        mesh.Rules("");
        var before = await mesh.FlagsAsync();
        await using var load = mesh.Load("server", "/health", 500);
        await Task.Delay(TimeSpan.FromSeconds(2));
        mesh.Kubectl("rollout", "restart", "deployment/server", "-n", "soak");
        mesh.Kubectl("rollout", "status", "deployment/server", "-n", "soak", "--timeout=180s");
        await Eventually.True(() => mesh.Servers().Count == 3, "the old pods have ended", TimeSpan.FromSeconds(90));
        await Task.Delay(TimeSpan.FromSeconds(2));
        var result = await load.StopAsync();
        return new SoakLine("every server replaced, one after the other", "none", result, Since(before, await mesh.FlagsAsync()), "no request fails", result.Failures.Count == 0);
    }

    private static async Task<(HttpLoadResult Result, Dictionary<string, long> Flags)> LoadAsync(
        SoakMesh mesh, string service, string path, int perSecond, TimeSpan duration, int connections = 16)
    {
        var before = await mesh.FlagsAsync();
        await using var load = mesh.Load(service, path, perSecond, connections);
        await Task.Delay(duration);
        var result = await load.StopAsync();
        return (result, Since(before, await mesh.FlagsAsync()));
    }

    private static Dictionary<string, long> Since(Dictionary<string, long> before, Dictionary<string, long> after) =>
        after.Select(flag => KeyValuePair.Create(flag.Key, flag.Value - before.GetValueOrDefault(flag.Key))).Where(flag => flag.Value > 0).ToDictionary();

    private static string Text(long count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count} {what}");
}
