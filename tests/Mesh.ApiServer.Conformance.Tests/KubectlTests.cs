using Mesh.ApiServer.Conformance.Tests.Servers;

namespace Mesh.ApiServer.Conformance.Tests;

/// <summary>What a user types, and what they see.</summary>
public sealed class KubectlTests(ServerPool servers) : Behaviour(servers)
{
    private const string Manifest = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, labels: {app: web}}
        spec:
          replicas: 0
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers: [{name: c, image: "example.invalid/app:1", env: [{name: A, value: "1"}]}]
        """;

    [Theory, OnEveryServer]
    public async Task Apply_creates_changes_and_leaves_alone(ServerKind on)
    {
        await OnAsync(on);
        Assert.Equal("deployment.apps/web created\n", Kubectl("apply -f -", Manifest));
        Assert.Equal("deployment.apps/web unchanged\n", Kubectl("apply -f -", Manifest));
        Assert.Equal("deployment.apps/web configured\n", Kubectl("apply -f -", Manifest.Replace("app:1", "app:2", StringComparison.Ordinal)));
        Assert.Equal("deployment.apps/web serverside-applied\n", Kubectl("apply --server-side --force-conflicts -f -", Manifest));
    }

    [Theory, OnEveryServer]
    public async Task Diff_shows_what_apply_would_change(ServerKind on)
    {
        await OnAsync(on);
        Kubectl("apply -f -", Manifest);
        Assert.Equal(0, TryKubectl("diff -f -", Manifest).ExitCode);
        var changed = TryKubectl("diff -f -", Manifest.Replace("app:1", "app:2", StringComparison.Ordinal));
        Assert.Equal(1, changed.ExitCode);
        Assert.Matches(@"\+\s+-? ?image: example\.invalid/app:2", changed.Output);
    }

    [Theory, OnEveryServer]
    public async Task Explain_tells_what_a_field_is_for(ServerKind on)
    {
        await OnAsync(on);
        var told = Kubectl("explain deployment.spec.replicas");
        Assert.Matches(@"FIELD:\s+replicas <integer>", told);
        Assert.Matches("(?s)DESCRIPTION:.*Number of desired pods", told);
        Assert.Contains("containers", Kubectl("explain pod.spec --recursive"), StringComparison.Ordinal);
    }

    [Theory, OnEveryServer]
    public async Task A_field_nobody_knows_is_refused(ServerKind on)
    {
        await OnAsync(on);
        var run = TryKubectl("apply -f -", Manifest.Replace("replicas: 0", "replica: 0", StringComparison.Ordinal));
        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("unknown field \"spec.replica\"", run.Error, StringComparison.Ordinal);
    }

    [Theory, OnEveryServer]
    public async Task Objects_are_shown_labelled_and_deleted(ServerKind on)
    {
        await OnAsync(on);
        Kubectl("create configmap a --from-literal=k=v");
        Kubectl("label configmap a app=x");
        Kubectl("annotate configmap a note=y");
        Assert.Matches(@"^NAME\s+DATA\s+AGE\s+APP\na\s+1\s+\d+s\s+x\n$", Kubectl("get configmap a -L app"));
        Assert.Equal("x y v", Kubectl("get configmap a -o jsonpath={.metadata.labels.app}@{.metadata.annotations.note}@{.data.k}").Replace('@', ' '));
        Assert.Contains("Name:         a", Kubectl("describe configmap a"), StringComparison.Ordinal);
        Assert.Equal("configmap \"a\" deleted\n", Kubectl("delete configmap a").Replace($" from {Name} namespace", "", StringComparison.Ordinal));
    }

    [Theory, OnEveryServer]
    public async Task Rights_are_asked_for(ServerKind on)
    {
        await OnAsync(on);
        Assert.Equal("yes\n", Kubectl("auth can-i delete pods"));
        Kubectl("create serviceaccount robot");
        Kubectl("create role reader --verb=get,list --resource=configmaps");
        Kubectl($"create rolebinding robot --role=reader --serviceaccount={Name}:robot");
        var robot = $"--as=system:serviceaccount:{Name}:robot";
        await Mesh.Testing.Eventually.True(() => TryKubectl($"auth can-i list configmaps {robot}").Output == "yes\n", "the binding counts");
        Assert.Equal("no\n", TryKubectl($"auth can-i delete configmaps {robot}").Output);
        Assert.Equal(3, Kubectl("create token robot").Split('.').Length);
    }

    [Theory, OnEveryServer]
    public async Task Scale_and_wait(ServerKind on)
    {
        await OnAsync(on);
        Kubectl("apply -f -", Manifest);
        Kubectl("scale deployment web --replicas=2");
        Assert.Equal("2", Kubectl("get deployment web -o jsonpath={.spec.replicas}"));
        Kubectl("scale deployment web --replicas=0");
        Kubectl("wait --for=jsonpath={.spec.replicas}=0 deployment/web --timeout=10s");
        Assert.Contains("web", Kubectl("get all"), StringComparison.Ordinal);
    }
}
