using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Mesh.Testing;

namespace Mesh.EndToEnd.Tests;

/// <summary>
/// exec, attach, cp, logs and port-forward by each kubectl at hand, into pods with a sidecar. Up to 1.30 they speak SPDY, from
/// 1.31 on WebSockets; <c>MESH_TEST_KUBECTLS</c> lists more than the one on the PATH.
/// </summary>
[Collection(MeshCollection.Name)]
public sealed class KubectlStreamTests(RunningMesh running) : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mesh-kubectl-").FullName;

    public static TheoryData<string> Kubectls => [.. KubectlPrograms.All];

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [MemberData(nameof(Kubectls))]
    public async Task Exec_runs_a_command_in_the_container_that_is_named(string kubectl)
    {
        var run = await Kubectl(kubectl);
        var pod = run.Mesh.Pod("productpage");
        var shell = run.Try(["exec", pod, "--", "sh", "-c", "hostname; echo bad >&2; exit 7"]);
        Assert.Equal((7, pod + "\n"), (shell.ExitCode, shell.Output));
        Assert.StartsWith("bad\n", shell.Error, StringComparison.Ordinal);
        Assert.Equal("5\n", run.Must(["exec", "-i", pod, "--", "sh", "-c", "cat | wc -c"], "typed"));
        Assert.Contains("MESH", run.Must(["exec", pod, "-c", "mesh-proxy", "--", "env"]).ToUpperInvariant(), StringComparison.Ordinal);
        Assert.Contains("executable file not found", run.Try(["exec", pod, "--", "no-such-program"]).Error, StringComparison.Ordinal);
        Assert.Contains("container nope is not valid", run.Try(["exec", pod, "-c", "nope", "--", "ls"]).Error, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Kubectls))]
    public async Task Exec_has_a_terminal_when_the_client_has_one(string kubectl)
    {
        var run = await Kubectl(kubectl);
        Needs.Program("script", "bsdutils");
        var typed = Command.Run("script", ["-qec", $"stty rows 33 cols 111; exec {run.Program} --kubeconfig {run.Mesh.Kubeconfig} exec -it {run.Mesh.Pod("productpage")} -- sh -c 'while [ \"$(stty size)\" != \"33 111\" ]; do sleep 0.1; done; tty; exit 5'", "/dev/null"], "");
        Assert.Contains("/dev/pts/", typed.Output, StringComparison.Ordinal);
        Assert.Equal(5, typed.ExitCode);
    }

    [Theory]
    [MemberData(nameof(Kubectls))]
    public async Task Cp_carries_files_both_ways_unharmed(string kubectl)
    {
        var run = await Kubectl(kubectl);
        var pod = run.Mesh.Pod("productpage");
        var bytes = RandomNumberGenerator.GetBytes(20 << 20);
        await File.WriteAllBytesAsync($"{_directory}/there", bytes, TestContext.Current.CancellationToken);
        run.Must(["cp", $"{_directory}/there", $"{pod}:/tmp/copied"]);
        run.Must(["cp", $"{pod}:/tmp/copied", $"{_directory}/back"]);
        run.Must(["exec", pod, "--", "rm", "/tmp/copied"]);
        var back = await File.ReadAllBytesAsync($"{_directory}/back", TestContext.Current.CancellationToken);
        Assert.True(bytes.AsSpan().SequenceEqual(back), "the file came back changed");
    }

    [Theory]
    [MemberData(nameof(Kubectls))]
    public async Task Port_forward_carries_many_connections(string kubectl)
    {
        var run = await Kubectl(kubectl);
        using var forward = Command.Start(run.Program, ["--kubeconfig", run.Mesh.Kubeconfig, "port-forward", $"pod/{run.Mesh.Pod("productpage")}", ":9080"]);
        try
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            var line = await forward.StandardOutput.ReadLineAsync(patience.Token) ?? await forward.StandardError.ReadToEndAsync(patience.Token);
            Assert.StartsWith("Forwarding from 127.0.0.1:", line, StringComparison.Ordinal);
            var port = int.Parse(line["Forwarding from 127.0.0.1:".Length..line.IndexOf(" -> ", StringComparison.Ordinal)], CultureInfo.InvariantCulture);
            _ = forward.StandardOutput.ReadToEndAsync(patience.Token);
            _ = forward.StandardError.ReadToEndAsync(patience.Token);
            var answers = new ConcurrentBag<int>();
            await Parallel.ForAsync(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 10, CancellationToken = patience.Token }, async (_, cancellation) =>
            {
                using var handler = new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero };
                using var client = new HttpClient(handler);
                using var answer = await client.GetAsync(new Uri($"http://127.0.0.1:{port}/health"), cancellation);
                await answer.Content.CopyToAsync(Stream.Null, cancellation);
                answers.Add((int)answer.StatusCode);
            });
            Assert.All(answers, status => Assert.Equal(200, status));
            Assert.Equal(200, answers.Count);
        }
        finally
        {
            forward.Kill();
        }
    }

    [Theory]
    [MemberData(nameof(Kubectls))]
    public async Task Attach_and_logs_follow_a_container_to_its_end(string kubectl)
    {
        var run = await Kubectl(kubectl);
        var name = $"talk-{Guid.NewGuid():N}"[..12];
        run.Mesh.Apply($$"""
            apiVersion: v1
            kind: Pod
            metadata:
              name: {{name}}
              annotations: {sidecar.istio.io/inject: "false"}
            spec:
              restartPolicy: Never
              terminationGracePeriodSeconds: 0
              containers: [{name: c, image: local/host, stdin: true, stdinOnce: true, command: [sh, -c, 'while read line; do echo heard $line; done; echo over']}]
            """);
        run.Mesh.WaitFor("Ready", $"pod/{name}");
        var log = Task.Run(() => run.Try(["logs", "-f", name]));
        var attached = run.Try(["attach", "-i", name], "one\ntwo\n");
        Assert.Equal((0, "heard one\nheard two\nover\n"), (attached.ExitCode, attached.Output));
        Assert.Equal((0, "heard one\nheard two\nover\n"), ((await log).ExitCode, (await log).Output));
        Assert.Equal("over\n", run.Must(["logs", name, "--tail=1"]));
        Assert.Matches(@"^\[pod/.*/c\] heard one\n", run.Must(["logs", name, "--prefix", "--all-containers"]));
        Assert.Contains("previous terminated container \"c\" in pod", run.Try(["logs", name, "--previous"]).Error, StringComparison.Ordinal);
        run.Must(["delete", "pod", name, "--wait=false"]);
    }

    private async Task<KubectlRun> Kubectl(string kubectl) => new(KubectlPrograms.Require(kubectl), await running.Ready());
}
