using Mesh.Testing;

namespace Mesh.EndToEnd.Tests;

/// <summary>Rules that need each other are changed under load, one after the other, in both orders.</summary>
[Collection(MeshCollection.Name)]
public sealed class MakeBeforeBreakTests(RunningMesh running)
{
    [Fact]
    public async Task No_request_fails_between_two_good_states_whichever_rule_comes_first()
    {
        var mesh = await running.Ready();
        mesh.Apply(Subset("s0", "v1"));
        mesh.Apply(Route("s0"));
        mesh.WaitFor("Ready", "virtualservice/reviews");
        using var over = new CancellationTokenSource();
        var traffic = Task.Run(() =>
        {
            var answers = new List<string>();
            while (!over.IsCancellationRequested) answers.AddRange(mesh.Reviews(20));
            return answers;
        });
        for (var round = 1; round <= 8; round++)
        {
            string[] rules = [Route($"s{round}"), Subset($"s{round}", round % 2 == 0 ? "v1" : "v3")];
            if (round % 2 == 0) Array.Reverse(rules);
            mesh.Apply(rules[0]);
            // Traffic passes in the state between.
            Assert.All(mesh.Reviews(20), answer => Assert.StartsWith("v", answer, StringComparison.Ordinal));
            mesh.Apply(rules[1]);
            await Eventually.True(() => (string?)mesh.Condition("virtualservice/reviews", "Ready")?["status"] == "True", "the new route is in force");
        }

        await over.CancelAsync();
        var all = await traffic;
        Assert.NotEmpty(all);
        Assert.All(all, answer => Assert.StartsWith("v", answer, StringComparison.Ordinal));
    }

    private static string Subset(string name, string version) => $$"""
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: { name: reviews }
        spec: { host: reviews, subsets: [{ name: {{name}}, labels: { version: {{version}} } }] }
        """;

    private static string Route(string subset) => $$"""
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: { name: reviews }
        spec: { hosts: [reviews], http: [{ route: [{ destination: { host: reviews, subset: {{subset}} } }] }] }
        """;
}
