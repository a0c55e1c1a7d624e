using System.Collections.Immutable;
using System.Net;
using System.Text;
using Mesh.Local.Node.Containers;
using Mesh.Local.Node.Linux;
using Mesh.Local.Node.Network;
using Mesh.Testing;

namespace Mesh.Local.Tests.Node;

public sealed class ContainerProcessTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mesh-ctr-").FullName;
    private NodeNetwork? _node;
    private PodNetwork? _pod;

    public async ValueTask InitializeAsync()
    {
        Needs.Netns();
        _node = await NodeNetwork.CreateAsync(AddressPlan.Choose("ctr-test", []), default);
        _pod = await _node.AddPodAsync(default);
    }

    public ValueTask DisposeAsync()
    {
        _pod?.Dispose();
        _node?.Dispose();
        Directory.Delete(_directory, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_container_runs_as_the_user_told_without_capabilities_in_its_own_pid_namespace()
    {
        var (status, output) = await RunAsync("id -u; id -g; grep -E 'Cap(Eff|Prm|Bnd|Inh)|NoNewPrivs' /proc/self/status; echo $$; hostname");
        Assert.Equal(0, status.Code);
        var lines = output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["65534", "65534"], lines[..2]);
        Assert.All(lines[2..6], line => Assert.EndsWith("0000000000000000", line));
        Assert.Equal("NoNewPrivs:\t1", lines[6]);
        Assert.Equal(["1", "box"], lines[7..]);
    }

    [Fact]
    public async Task Root_with_added_capabilities_has_those_alone_and_cannot_write_kernel_settings()
    {
        var (status, output) = await RunAsync("grep -E 'CapEff' /proc/self/status; echo 1 > /proc/sys/kernel/panic; echo end",
            spec => spec with { User = 0, Group = 0, Capabilities = ["net_admin", "net_raw"] });
        Assert.Equal(0, status.Code);
        Assert.Contains("0000000000003000", output);
        Assert.Contains("Read-only file system", output);
        Assert.Contains("end", output);
    }

    [Fact]
    public async Task The_root_is_read_only_and_tmp_and_the_work_directory_are_private()
    {
        var marker = $"mesh-{Guid.NewGuid():N}";
        var (status, output) = await RunAsync(
            $"touch /{marker} /etc/{marker} /usr/{marker}; touch /tmp/{marker} ./{marker} && pwd && cat /etc/resolv.conf && ls /proc | grep -c '^[0-9]'; ls -A {_directory}/hidden",
            spec => spec with { Hidden = [_directory] }, Directory.CreateDirectory($"{_directory}/hidden/secret").FullName);
        Assert.Contains("/workdir", output);
        Assert.Contains("nameserver 1.2.3.4", output);
        Assert.Equal(3, output.Split("Read-only file system").Length - 1);
        Assert.DoesNotContain("secret", output);
        Assert.False(File.Exists($"/tmp/{marker}"));
        Assert.NotEqual(0, status.Code);
    }

    [Fact]
    public async Task A_volume_appears_where_the_machine_has_no_such_directory()
    {
        Directory.CreateDirectory($"{_directory}/volume");
        File.WriteAllText($"{_directory}/volume/a", "hello");
        var (status, output) = await RunAsync("cat /etc/mesh/config/a /var/run/x/a; touch /etc/mesh/config/b", spec => spec with
        {
            Mounts = [new BindMount($"{_directory}/volume", "/etc/mesh/config", true), new BindMount($"{_directory}/volume", "/var/run/x", false)],
        });
        Assert.Contains("hellohello", output);
        Assert.Contains("Read-only", output);
        Assert.NotEqual(0, status.Code);
        Assert.False(Path.Exists("/etc/mesh/config"));
        Assert.False(Path.Exists("/run/x"));
    }

    [Fact]
    public async Task A_command_that_does_not_exist_is_told_before_anything_starts()
    {
        var failure = await Assert.ThrowsAsync<ContainerStartException>(() =>
            ContainerProcess.StartAsync(Spec(["no-such-program"]), Scratch(), (_, _) => { }));
        Assert.Equal("StartError", failure.Reason);
        Assert.Contains("no-such-program", failure.Message);
    }

    [Fact]
    public async Task Killing_number_one_ends_everything_it_started()
    {
        var process = await ContainerProcess.StartAsync(Spec(["/bin/sh", "-c", "sleep 1000 & sleep 1001 & wait"]), Scratch(), (_, _) => { });
        Assert.True(process.Signal(9));
        var status = await process.Exited.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(new ExitStatus(137, 9), status);
        Assert.False(process.Signal(9));
    }

    [Fact]
    public async Task Pods_reach_each_other_and_the_node_over_both_families()
    {
        using var other = await _node!.AddPodAsync(default);
        using var listener = new NamespaceSockets(other.Namespace).Listen(new IPEndPoint(IPAddress.Any, 80));
        using var listener6 = new NamespaceSockets(other.Namespace).Listen(new IPEndPoint(IPAddress.IPv6Any, 81));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        foreach (var from in new[] { _pod!.Namespace, _node.Namespace, other.Namespace })
        {
            using var connected = await new NamespaceSockets(from).ConnectAsync(new IPEndPoint(other.Address.IPv4, 80), limit.Token);
            using var connected6 = await new NamespaceSockets(from).ConnectAsync(new IPEndPoint(other.Address.IPv6, 81), limit.Token);
        }
    }

    private Task<(ExitStatus Status, string Output)> RunAsync(string script, Func<ContainerSpec, ContainerSpec>? change = null, string? _ = null)
    {
        var spec = Spec(["/bin/sh", "-c", script]);
        return FinishAsync(change?.Invoke(spec) ?? spec);
    }

    private async Task<(ExitStatus Status, string Output)> FinishAsync(ContainerSpec spec)
    {
        var output = new MemoryStream();
        var process = await ContainerProcess.StartAsync(spec, Scratch(), (bytes, _) => output.Write(bytes.Span));
        var status = await process.Exited.WaitAsync(TimeSpan.FromSeconds(20));
        return (status, Encoding.UTF8.GetString(output.ToArray()));
    }

    private string Scratch() => Directory.CreateDirectory($"{_directory}/{Guid.NewGuid():N}").FullName;

    private ContainerSpec Spec(ImmutableArray<string> command) => new()
    {
        Name = "test",
        HostName = "box",
        Network = _pod!.Namespace,
        Command = command,
        Environment = [KeyValuePair.Create("PATH", ContainerProcess.DefaultPath), KeyValuePair.Create("odd.name", "kept")],
        User = 65534,
        Group = 65534,
        Files = ImmutableDictionary<string, string>.Empty.Add("/etc/resolv.conf", "nameserver 1.2.3.4\n"),
    };
}
