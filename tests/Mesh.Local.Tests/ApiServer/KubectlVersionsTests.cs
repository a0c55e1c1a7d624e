using Mesh.Testing;

namespace Mesh.Local.Tests.ApiServer;

/// <summary>What each kubectl on this machine reads before it does anything: discovery and OpenAPI in the form of its own release.</summary>
public sealed class KubectlVersionsTests : IAsyncLifetime
{
    private const string Web = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1}}
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers: [{name: c, image: "example/app:1", ports: [{containerPort: 80}, {containerPort: 81}]}, {name: d, image: "example/d:1"}]
        """;

    private static readonly string[] Folders = ["/usr/lib/google-cloud-sdk/bin", "/usr/local/bin", "/usr/bin"];

    private ApiServerFixture server = null!;

    /// <summary>The one on the PATH, and of those with a release in their name the oldest and the newest.</summary>
    public static TheoryData<string> Programs
    {
        get
        {
            var named = Folders.Where(Directory.Exists).SelectMany(folder => Directory.EnumerateFiles(folder, "kubectl.1.*")).Order(StringComparer.Ordinal).ToList();
            return [.. named.Take(1).Concat(named.TakeLast(1)).Append("kubectl").Distinct()];
        }
    }

    public async ValueTask InitializeAsync()
    {
        Needs.Program("kubectl", "kubectl, 1.27 or later");
        server = await ApiServerFixture.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Programs), DisableDiscoveryEnumeration = true)]
    public void Kinds_are_found_explained_applied_and_compared(string program)
    {
        Assert.Matches(@"networkpolicies\s+netpol\s+networking.k8s.io/v1\s+true\s+NetworkPolicy", Run("api-resources").Output);
        Assert.Contains("autoscaling/v2", Run("api-versions").Output, StringComparison.Ordinal);
        Assert.Contains("One of Always, Never, IfNotPresent", Joined(Run("explain pod.spec.containers.imagePullPolicy").Output), StringComparison.Ordinal);
        Assert.Matches(@"maxUnavailable\s+<IntOrString>", Run("explain deployment.spec.strategy --recursive").Output);

        Run("apply -f -", Web);
        Assert.Contains("unchanged", Run("apply -f -", Web).Output, StringComparison.Ordinal);
        // A strategic patch, made on the client by OpenAPI: one port and one container less, and another strategy.
        Run("apply -f -", Web.Replace(", {containerPort: 81}", "", StringComparison.Ordinal).Replace(""", {name: d, image: "example/d:1"}""", "", StringComparison.Ordinal)
            .Replace("{type: RollingUpdate, rollingUpdate: {maxSurge: 1}}", "{type: Recreate}", StringComparison.Ordinal));
        Assert.Equal("c 80 Recreate", Run("get deployment web -o jsonpath={.spec.template.spec.containers[*].name}@{.spec.template.spec.containers[*].ports[*].containerPort}@{.spec.strategy.type}").Output.Replace('@', ' '));
        Run("apply --server-side --force-conflicts -f -", Web);
        var difference = Command.Run(program, ["diff", "-f", "-"], Web.Replace("app:1", "app:2", StringComparison.Ordinal), Environment());
        Assert.Equal(1, difference.ExitCode);
        Assert.Contains("+        - image: example/app:2", difference.Output.Replace("+      - image", "+        - image", StringComparison.Ordinal), StringComparison.Ordinal);
        var strict = Command.Run(program, ["apply", "-f", "-"], Web.Replace("image:", "imagine:", StringComparison.Ordinal), Environment());
        Assert.Contains("unknown field \"spec.template.spec.containers[0].imagine\"", strict.Error, StringComparison.Ordinal);
        Run("delete deployment web");

        CommandResult Run(string arguments, string? input = null)
        {
            var result = Command.Run(program, arguments.Split(' '), input, Environment(), TimeSpan.FromSeconds(60));
            Assert.True(result.ExitCode == 0, $"{program} {arguments}: {result.Error}");
            return result;
        }
    }

    [Fact]
    public void Kinds_without_effect_here_are_kept_and_say_so()
    {
        const string chart = """
            ---
            {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: a}, spec: {podSelector: {}}}
            ---
            {apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: a}, spec: {maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}}
            ---
            {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: a}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}
            ---
            {apiVersion: v1, kind: ResourceQuota, metadata: {name: a}, spec: {hard: {pods: "3"}}}
            ---
            {apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: a}, value: 7}
            """;
        var applied = Command.Run("kubectl", ["apply", "-f", "-"], chart, Environment());
        Assert.True(applied.ExitCode == 0, applied.Error);
        Assert.Contains("Warning: NetworkPolicy is kept but has no effect in this cluster: traffic between pods is not filtered", applied.Error, StringComparison.Ordinal);
        Assert.Equal(5, applied.Error.Split("has no effect").Length - 1);
        var found = Command.Run("kubectl", ["get", "-f", "-", "-o", "name"], chart, Environment());
        Assert.Equal(5, found.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Matches(@"a\s+Deployment/web\s+<none>\s+<unset>\s+3\s+0", Command.Run("kubectl", ["get", "hpa"], environment: Environment()).Output);
        var deleted = Command.Run("kubectl", ["delete", "-f", "-"], chart, Environment());
        Assert.True(deleted.ExitCode == 0 && !deleted.Error.Contains("no effect", StringComparison.Ordinal), deleted.Error);
    }

    /// <summary>Commands that make such a kind themselves send it as protobuf.</summary>
    [Theory]
    [InlineData("create quota q --hard=pods=1", "get quota q -o jsonpath={.spec.hard.pods}", "1")]
    [InlineData("create ingress i --rule=a.example/x=web:80", "get ingress i -o jsonpath={.spec.rules[0].http.paths[0].backend.service.name}", "web")]
    [InlineData("create priorityclass p --value=7", "get priorityclass p -o jsonpath={.value}", "7")]
    public void Kinds_without_effect_are_made_by_command(string create, string get, string expected)
    {
        var created = Command.Run("kubectl", create.Split(' '), environment: Environment());
        Assert.True(created.ExitCode == 0, created.Error);
        Assert.Equal(expected, Command.Run("kubectl", get.Split(' '), environment: Environment()).Output);
    }

    [Fact]
    public async Task Another_version_of_a_kind_is_told_by_name()
    {
        var answer = await server.SendAsync("GET", "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers");
        Assert.Equal((404, "horizontalpodautoscalers.autoscaling are served in version v2 only"), (answer.Status, answer.Message));
    }

    private static string Joined(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private Dictionary<string, string> Environment() => new()
    {
        ["KUBECONFIG"] = server.Kubeconfig,
        ["HOME"] = Path.GetDirectoryName(server.Kubeconfig)!,
    };
}
