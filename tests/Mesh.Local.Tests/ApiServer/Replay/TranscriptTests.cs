using System.Text;
using Mesh.Testing;

namespace Mesh.Local.Tests.ApiServer.Replay;

/// <summary>What a real Kubernetes 1.36 API server answered (../shared/api-transcripts), asked of ours again.</summary>
public sealed class TranscriptTests(TranscriptRuns runs) : IClassFixture<TranscriptRuns>
{
    public static TheoryData<string> Names => [.. TranscriptRuns.Selected];

    [Theory]
    [MemberData(nameof(Names), DisableDiscoveryEnumeration = true)]
    public void Answers_are_as_recorded(string name)
    {
        if (new TranscriptSetting(Transcript.Read(name)).Node)
            Needs.Netns();
        var differences = Counted(name);
        Assert.DoesNotContain(differences, one => one.Field == "fault");
        Assert.True(differences.Count == 0, "what AllowedDifferences does not name:\n" + string.Join("\n", differences));
    }

    [Fact]
    public void Each_allowed_difference_is_needed()
    {
        Needs.Require("cases", Transcript.Present, $"needs the recorded transcripts in {Transcript.Root}");
        Assert.SkipUnless(TranscriptRuns.Only.Length == 0, "only some transcripts were replayed (MESH_REPLAY_ONLY)");
        var used = TranscriptRuns.Selected.SelectMany(name => runs[name].Select(one => AllowedDifferences.For(name, one))).ToHashSet();
        var idle = AllowedDifferences.Rows.Where(row => row.Always && !used.Contains(row) && (!row.Transcript.StartsWith("13-", StringComparison.Ordinal) || runs.Ran("13-failing-pods"))).ToList();
        Assert.True(idle.Count == 0, "these rows match no difference any more:\n" + string.Join("\n", idle));
    }

    [Fact]
    public async Task Report()
    {
        Needs.Require("cases", Transcript.Present, $"needs the recorded transcripts in {Transcript.Root}");
        Assert.SkipUnless(Environment.GetEnvironmentVariable("MESH_REPLAY_REPORT") is { Length: > 0 }, "set MESH_REPLAY_REPORT to a file to have all differences written there");
        var report = new StringBuilder();
        foreach (var name in TranscriptRuns.Selected)
        {
            var differences = Counted(name);
            report.AppendLine($"## {name}: {differences.Select(one => one.Index).Distinct().Count()} steps differ");
            foreach (var one in differences)
                report.AppendLine("   " + one);
        }

        await File.WriteAllTextAsync(Environment.GetEnvironmentVariable("MESH_REPLAY_REPORT")!, report.ToString(), TestContext.Current.CancellationToken);
    }

    private List<Difference> Counted(string name) => [.. runs[name].Where(one => AllowedDifferences.For(name, one) is null)];
}
