using System.Text;
using System.Text.Json.Nodes;
using Mesh.Testing;

namespace Mesh.Local.Tests.ApiServer.Replay;

/// <summary>
/// What a real Kubernetes 1.36 API server answered (../shared/api-transcripts), asked of ours again. The number is how many
/// steps of a transcript may still differ in some field (texts of Go's decoders, order of errors, fields managed by what we
/// do not run); it only ever goes down.
/// </summary>
public sealed class TranscriptTests
{
    private static string Root => Path.GetFullPath(Path.Combine(SharedCases.DefaultRoot, "..", "api-transcripts"));

    [Theory]
    [InlineData("02-configmap-create-get", 11)]
    [InlineData("02-configmap-update", 3)]
    [InlineData("06-apply-basic", 17)]
    [InlineData("07-cr-validation", 7)]
    [InlineData("08-dry-run", 4)]
    public async Task Answers_are_as_recorded_but_in_few_steps(string name, int differing)
    {
        Needs.Require("cases", Directory.Exists(Root), $"needs the recorded transcripts in {Root}");
        var transcript = (JsonObject)JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Root, name + ".json")))!;
        var replayer = await ReplayAsync(transcript, (JsonArray)transcript["steps"]!);
        var steps = replayer.Differences.Select(one => one.Step).Distinct().ToList();
        Assert.DoesNotContain("fault", steps);
        Assert.True(steps.Count <= differing, $"{steps.Count} steps differ:\n" + string.Join("\n", replayer.Differences.Select(one => $"{one.Step} | {one.Difference}")));
    }

    [Fact]
    public async Task Report()
    {
        Needs.Require("cases", Directory.Exists(Root), $"needs the recorded transcripts in {Root}");
        Assert.SkipUnless(Environment.GetEnvironmentVariable("MESH_REPLAY_REPORT") is { Length: > 0 }, "set MESH_REPLAY_REPORT to a file to have all differences written there");
        var report = new StringBuilder();
        var only = Environment.GetEnvironmentVariable("MESH_REPLAY_ONLY");
        foreach (var file in Directory.EnumerateFiles(Root, "*.json").Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileNameWithoutExtension(file);
            if (JsonNode.Parse(await File.ReadAllTextAsync(file)) is not JsonObject transcript || transcript["steps"] is not JsonArray steps)
                continue;
            if (only is { Length: > 0 } && !only.Split(',').Any(part => name.Contains(part, StringComparison.Ordinal)))
                continue;
            var replayer = await ReplayAsync(transcript, steps);
            report.AppendLine($"## {name}: {replayer.Differences.Select(one => one.Step).Distinct().Count()} of {replayer.Steps} steps differ");
            foreach (var (step, difference) in replayer.Differences)
                report.AppendLine($"   {step} | {difference}");
        }

        await File.WriteAllTextAsync(Environment.GetEnvironmentVariable("MESH_REPLAY_REPORT")!, report.ToString());
    }

    private static async Task<Replayer> ReplayAsync(JsonObject transcript, JsonArray steps)
    {
        await using var server = await ApiServerFixture.StartAsync();
        foreach (var need in transcript["requires"] as JsonArray ?? [])
        {
            if (need!.GetValue<string>().Split(' ') is ["namespace", var ns])
                await server.CreateNamespaceAsync(ns);
        }

        if (transcript["notes"]?.ToJsonString().Contains("the CRD virtualservices", StringComparison.Ordinal) == true)
            await server.DefineAsync(await DefinitionAsync());
        var replayer = new Replayer(server);
        await replayer.RunAsync(steps);
        foreach (var fault in server.Faults.Distinct())
            replayer.Differences.Add(("fault", fault.ToString()));
        return replayer;
    }

    private static async Task<JsonNode> DefinitionAsync()
    {
        var transcript = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Root, "07-crd-create-established.json")))!;
        return transcript["steps"]!.AsArray().First(step => step!["request"]?["method"]?.GetValue<string>() == "POST"
            && step["response"]!["status"]!.GetValue<int>() == 201
            && step["request"]!["path"]!.GetValue<string>().EndsWith("customresourcedefinitions", StringComparison.Ordinal))!["request"]!["body"]!.DeepClone();
    }
}
