using System.Globalization;
using Mesh.Testing;

namespace Mesh.EndToEnd.Tests;

/// <summary>The real kubectl against a mesh on this machine: what people type every day.</summary>
[Collection(MeshCollection.Name)]
public sealed class KubectlTests(RunningMesh running)
{
    [Fact]
    public async Task Get_shows_the_columns_people_know()
    {
        var mesh = await running.Ready();
        mesh.ApplySample("all-v1.yaml");
        mesh.WaitFor("Programmed", "virtualservice/reviews");
        Assert.Equal(["NAME", "READY", "STATUS", "RESTARTS", "AGE"], Header(mesh.Kubectl("get", "pods")));
        Assert.Contains("2/2", mesh.Kubectl("get", "pod", mesh.Pod("productpage")), StringComparison.Ordinal);
        Assert.Equal(["NAME", "HOSTS", "GATEWAYS", "READY", "REASON", "APPLIED", "AGE"], Header(mesh.Kubectl("get", "vs")));
        Assert.Equal(["NAME", "HOST", "SUBSETS", "EJECTED", "READY", "REASON", "APPLIED", "AGE"], Header(mesh.Kubectl("get", "dr")));
        Assert.Equal(["NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE"], Header(mesh.Kubectl("get", "svc")));
        Assert.Equal(["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"], Header(mesh.Kubectl("get", "deploy")));
        // Six of bookinfo, and those of other tests' workloads beside it.
        await Eventually.True(() => ((string?)mesh.Get("vs", "reviews")["status"]?["applied"])?.Split('/') is [var held, var all] && held == all && int.Parse(all, CultureInfo.InvariantCulture) >= 6, "every proxy holds the rule");
    }

    [Fact]
    public async Task Edit_changes_a_rule_and_the_generation()
    {
        var mesh = await running.Ready();
        mesh.ApplySample("all-v1.yaml");
        var before = (long)mesh.Get("virtualservice/reviews")["metadata"]!["generation"]!;
        var edit = Command.Run("kubectl", ["--kubeconfig", mesh.Kubeconfig, "edit", "virtualservice", "reviews"],
            environment: new Dictionary<string, string> { ["KUBE_EDITOR"] = "sed -i s/subset:.v1/subset:\\ v3/" });
        Assert.True(edit.ExitCode == 0, edit.Error);
        Assert.Equal(before + 1, (long)mesh.Get("virtualservice/reviews")["metadata"]!["generation"]!);
        mesh.WaitFor("Programmed", "virtualservice/reviews");
        Assert.All(mesh.Reviews(30), version => Assert.Equal("v3", version));
    }

    [Fact]
    public async Task Watch_tells_of_a_change_and_of_its_status()
    {
        var mesh = await running.Ready();
        mesh.ApplySample("all-v1.yaml");
        mesh.WaitFor("Programmed", "virtualservice/reviews");
        using var watch = Command.Start("kubectl", ["--kubeconfig", mesh.Kubeconfig, "get", "vs", "reviews", "-w", "-o", "jsonpath={.metadata.generation} {.status.conditions[?(@.type==\"Programmed\")].observedGeneration} {.status.conditions[?(@.type==\"Programmed\")].status}{\"\\n\"}"]);
        var generation = (long)mesh.Get("virtualservice/reviews")["metadata"]!["generation"]! + 1;
        mesh.ApplySample("split-50-50.yaml");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            string? line;
            do line = await watch.StandardOutput.ReadLineAsync(patience.Token);
            while (line is not null && line != $"{generation} {generation} True");
            Assert.NotNull(line);
        }
        finally
        {
            watch.Kill();
        }
    }

    [Fact]
    public async Task Describe_says_what_is_wrong_and_what_to_do()
    {
        var mesh = await running.Ready();
        mesh.Apply("""
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: reviews}
            spec:
              hosts: [reviews]
              http: [{route: [{destination: {host: reviews, subset: v9}}]}]
            """);
        await Eventually.True(() => mesh.Kubectl("describe", "virtualservice", "reviews").Contains("v9 ", StringComparison.Ordinal)
            || mesh.Kubectl("describe", "virtualservice", "reviews").Contains("\"v9\"", StringComparison.Ordinal), "describe names the subset");
        Assert.Contains("spec.http[0].route[0].destination", mesh.Kubectl("describe", "virtualservice", "reviews"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Labels_annotations_patches_and_other_versions_of_the_API_work()
    {
        var mesh = await running.Ready();
        mesh.ApplySample("all-v1.yaml");
        mesh.Kubectl("label", "virtualservice", "reviews", "team=books");
        mesh.Kubectl("annotate", "virtualservice", "reviews", "note=hello");
        mesh.Kubectl("patch", "virtualservice", "reviews", "--type=merge", "-p", """{"metadata":{"labels":{"team":null}}}""");
        var rule = mesh.Get("virtualservices.v1beta1.networking.istio.io/reviews");
        Assert.Equal("networking.istio.io/v1beta1", (string?)rule["apiVersion"]);
        Assert.Equal("hello", (string?)rule["metadata"]!["annotations"]!["note"]);
        Assert.Null(rule["metadata"]!["labels"]?["team"]);
        Assert.Contains("hosts", mesh.Kubectl("explain", "virtualservice.spec"), StringComparison.Ordinal);
        Assert.Contains("networking.istio.io/v1", mesh.Kubectl("get", "virtualservice", "reviews", "-o", "yaml"), StringComparison.Ordinal);
        Assert.NotEmpty(mesh.Kubectl("logs", $"pod/{mesh.Pod("productpage")}", "-c", "productpage"));
    }

    [Fact]
    public async Task A_misspelt_field_is_refused_by_its_name()
    {
        var mesh = await running.Ready();
        var run = mesh.TryApply("""
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: reviews}
            spec:
              hosts: [reviews]
              http: [{rout: [{destination: {host: reviews}}]}]
            """);
        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("rout", run.Error, StringComparison.Ordinal);
    }

    private static string[] Header(string table) => table.Split('\n')[0].Split("   ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
