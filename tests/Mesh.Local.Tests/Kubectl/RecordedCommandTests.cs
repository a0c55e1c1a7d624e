using System.Text.RegularExpressions;
using Mesh.Local.Tests.ApiServer;
using Mesh.Local.Tests.ApiServer.Replay;
using Mesh.Testing;
using Mesh.Testing.Servers;

namespace Mesh.Local.Tests.Kubectl;

/// <summary>
/// A hundred commands that kubectl 1.32 ran against a real API server (../shared/api-transcripts/kubectl-requests.yaml), run
/// again in their order by each kubectl at hand: each must end as it ended there. The version that was recorded must also
/// have got answers of the same status on the way; what it printed is not compared.
/// </summary>
public sealed partial class RecordedCommandTests
{
    private const int RecordedMinor = 32;

    /// <summary>
    /// Commands that may get other answers, and why. Deleting waits for as long as it takes, which is shorter here. What an
    /// apply patches depends on the manifest that the one before it recorded, and that file was not recorded itself.
    /// </summary>
    private static readonly string[] OtherAnswers = ["kubectl delete ns kns2", "kubectl delete -f dep.yaml --cascade=foreground", "kubectl apply --validate=false -f vs2.yaml"];

    public static TheoryData<string> Kubectls => [.. KubectlPrograms.All];

    [Theory]
    [MemberData(nameof(Kubectls))]
    public async Task Every_command_ends_as_it_did_there(string kubectl)
    {
        var program = KubectlPrograms.Require(kubectl);
        var file = Path.Combine(Transcript.Root, "kubectl-requests.yaml");
        Needs.Require("cases", File.Exists(file), $"needs the recorded commands in {file}");
        await using var server = await ApiServerFixture.StartAsync();
        await using var controllers = await RunningControllers.StartAsync(server.Kubeconfig);
        await using var run = await CommandRun.StartAsync(server, program);
        var minor = KubectlPrograms.Minor(program);
        var exact = minor == RecordedMinor;
        var wrong = new List<string>();
        foreach (var command in RecordedCommand.Read(file))
        {
            // 1.27 asks for a beta of this review that no server of today has.
            if (minor < 28 && command.Line == "kubectl auth whoami")
                continue;
            var result = await run.RunAsync(command, verbose: exact);
            if (result.ExitCode != command.Exit)
                wrong.Add($"{command.Line}: exit {result.ExitCode}, recorded {command.Exit}: {result.Error}{result.Output}");
            else if (exact && !OtherAnswers.Contains(command.Line) && Answers(result.Error, command) is { } difference)
                wrong.Add($"{command.Line}: {difference}");
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    /// <summary>Compares the answers kubectl got, in their order; discovery depends on its cache and is left out, upgrades are not logged.</summary>
    private static string? Answers(string log, RecordedCommand command)
    {
        var got = LoggedRequest().Matches(log).Select(match => (match.Groups[1].Value, Plain(Uri.UnescapeDataString(match.Groups[2].Value)), match.Groups[3].Value))
            .Where(one => IsCompared(one.Item2)).Select(one => string.Join(' ', one.Item1, one.Item2, one.Item3)).ToList();
        var expected = command.Requests.Where(one => IsCompared(one.Path)).Select(one => $"{one.Method} {Plain(one.Path)} {one.Status}").ToList();
        return got.SequenceEqual(expected) ? null : $"answers\n  {string.Join("\n  ", got)}\nrecorded\n  {string.Join("\n  ", expected)}";
    }

    private static bool IsCompared(string path) => !path.StartsWith("/openapi", StringComparison.Ordinal) && path is not ("/api" or "/apis") && !path.EndsWith("/exec", StringComparison.Ordinal);

    private static string Plain(string path) => PodName().Replace(path, "web-POD");

    [GeneratedRegex(@"(GET|POST|PUT|PATCH|DELETE) https://[^/]+(/[^?\s]*)\S* (\d{3}) ")]
    private static partial Regex LoggedRequest();

    [GeneratedRegex("web-[a-z0-9]+-(<rand(:\\d+)?>|[a-z0-9]{5})")]
    private static partial Regex PodName();
}
