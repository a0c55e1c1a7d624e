using Mesh.Testing;

namespace Mesh.Local.Tests.ApiServer.Streaming;

/// <summary>exec and attach over WebSockets, as other clients than kubectl speak them, into real containers.</summary>
public sealed class CommandTests : IAsyncLifetime
{
    private RunningPods pods = null!;

    public async ValueTask InitializeAsync() => pods = await RunningPods.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (pods is not null)
            await pods.DisposeAsync();
    }

    [Fact]
    public async Task Output_errors_and_exit_code_of_a_command_come_apart()
    {
        await pods.RunAsync("p", "sleep 1000");
        using var client = pods.Api.Kubernetes();
        string? output = null, error = null;
        var code = await client.NamespacedPodExecAsync("p", "default", "c", ["sh", "-c", "id -u; pwd; hostname; echo bad >&2; exit 7"], false, async (_, stdout, stderr) =>
        {
            output = await new StreamReader(stdout).ReadToEndAsync();
            error = await new StreamReader(stderr).ReadToEndAsync();
        }, TestContext.Current.CancellationToken);
        Assert.Equal((7, "bad\n"), (code, error));
        Assert.Equal("65534\n/workdir\np\n", output);
    }

    [Fact]
    public async Task The_end_is_told_as_Kubernetes_tells_it()
    {
        await pods.RunAsync("p", "sleep 1000");
        using var good = await (await pods.OpenAsync("p", "exec?command=true&stdout=true", "v4.channel.k8s.io")).ToTheEndAsync();
        Assert.Equal("""{"metadata":{},"status":"Success"}""", good.Status.ToJsonString());
        using var bad = await (await pods.OpenAsync("p", "exec?command=sh&command=-c&command=exit+3&stdout=true", "v4.channel.k8s.io")).ToTheEndAsync();
        Assert.Equal("""{"reason":"ExitCode","message":"3"}""", bad.Status["details"]!["causes"]![0]!.ToJsonString());
        Assert.Equal("NonZeroExitCode", (string?)bad.Status["reason"]);
        using var killed = await (await pods.OpenAsync("p", "exec?command=sh&command=-c&command=kill+-9+$$&stdout=true", "v4.channel.k8s.io")).ToTheEndAsync();
        Assert.Equal("137", (string?)killed.Status["details"]!["causes"]![0]!["message"]);
        using var missing = await (await pods.OpenAsync("p", "exec?command=nope&stdout=true", "v4.channel.k8s.io")).ToTheEndAsync();
        Assert.Equal(("InternalError", 500), ((string?)missing.Status["reason"], (int?)missing.Status["code"]));
        Assert.Contains("exec: \"nope\": executable file not found in $PATH", (string?)missing.Status["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_the_first_protocols_only_a_failure_is_told_and_base64_is_text()
    {
        await pods.RunAsync("p", "sleep 1000");
        using var plain = await (await pods.OpenAsync("p", "exec?command=sh&command=-c&command=echo+hi%3B+exit+3&stdout=true")).ToTheEndAsync();
        Assert.Null(plain.Protocol);
        Assert.Equal("hi\n", plain.Text(1));
        Assert.Contains("exit code 3", plain.Text(3), StringComparison.Ordinal);
        using var text = await pods.OpenAsync("p", "exec?command=head&command=-n1&stdin=true&stdout=true", "base64.channel.k8s.io");
        await text.SendTextAsync("0" + Convert.ToBase64String("typed\n"u8));
        await text.ToTheEndAsync();
        Assert.Equal(("typed\n", ""), (text.Text(1), text.Text(3)));
    }

    [Fact]
    public async Task Version_five_can_end_the_input()
    {
        await pods.RunAsync("p", "sleep 1000");
        using var sum = await pods.OpenAsync("p", "exec?command=wc&command=-c&stdin=true&stdout=true", "v5.channel.k8s.io", "v4.channel.k8s.io");
        Assert.Equal("v5.channel.k8s.io", sum.Protocol);
        await sum.SendAsync(0, new string('x', 300_000));
        await sum.SendBytesAsync(255, 0);
        await sum.ToTheEndAsync();
        Assert.Equal("300000", sum.Text(1).Trim());
    }

    [Fact]
    public async Task A_terminal_has_the_size_of_its_client()
    {
        await pods.RunAsync("p", "sleep 1000");
        const string script = """
            trap '[ "$(stty size)" = "30 40" ] && exit 4' WINCH
            while [ "$(stty size)" = '0 0' ]; do sleep 0.05; done
            tty; stty size; echo $TERM
            while :; do sleep 0.05; done
            """;
        using var shell = await pods.OpenAsync("p", $"exec?command=sh&command=-c&command={Uri.EscapeDataString(script)}&stdin=true&stdout=true&tty=true", "v5.channel.k8s.io");
        await shell.SendAsync(4, """{"Width":132,"Height":50}""");
        await shell.UntilAsync(s => s.Text(1).Contains("xterm\r\n", StringComparison.Ordinal));
        Assert.Equal("/dev/pts/0\r\n50 132\r\nxterm\r\n", shell.Text(1));
        await shell.SendAsync(4, """{"Width":20,"Height":10}{"Width":""");
        await shell.SendAsync(4, """40,"Height":30}""");
        await shell.ToTheEndAsync();
        Assert.Equal("4", (string?)shell.Status["details"]!["causes"]![0]!["message"]);
    }

    [Fact]
    public async Task A_command_whose_client_has_gone_is_ended()
    {
        await pods.RunAsync("p", "sleep 1000");
        var mark = $"10{Environment.ProcessId}.25";
        var left = await pods.OpenAsync("p", $"exec?command=sh&command=-c&command=sleep+{mark}%26+sleep+{mark}&stdout=true", "v5.channel.k8s.io");
        await Eventually.True(() => Sleeping(mark) == 2, "both run");
        left.Abort();
        await Eventually.True(() => Sleeping(mark) == 0, "both have ended");
        left.Dispose();
    }

    [Fact]
    public async Task Everybody_attached_hears_the_container_and_can_type_to_it()
    {
        await pods.RunAsync("p", "while read line; do echo out $line; echo err $line >&2; done; echo over", ", stdin: true");
        using var first = await pods.OpenAsync("p", "attach?stdin=true&stdout=true&stderr=true", "v5.channel.k8s.io");
        using var second = await pods.OpenAsync("p", "attach?stdout=true", "v5.channel.k8s.io");
        await second.UntilAsync(s => s.Bytes(1).Length == 0); // Its first, empty message: it is there.
        await Eventually.True(async () =>
        {
            await first.SendAsync(0, "x\n");
            return (await second.UntilAsync(s => s.Text(1).Length > 0)).Text(1).Length > 0;
        }, "the second hears");
        await first.UntilAsync(s => s.Text(1).Contains("out x\n", StringComparison.Ordinal) && s.Text(2).Contains("err x\n", StringComparison.Ordinal));
        Assert.StartsWith("err x\n", first.Text(2), StringComparison.Ordinal);
        Assert.DoesNotContain("err", second.Text(1), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Input_for_one_ends_with_the_first_who_attached()
    {
        await pods.RunAsync("p", "cat; echo over; sleep 0.1", ", stdin: true, stdinOnce: true");
        using var first = await pods.OpenAsync("p", "attach?stdin=true&stdout=true", "v5.channel.k8s.io");
        await first.SendAsync(0, "only\n");
        await first.SendBytesAsync(255, 0);
        await first.ToTheEndAsync();
        Assert.Equal("only\nover\n", first.Text(1));
        Assert.Equal("Success", (string?)first.Status["status"]);
    }

    [Fact]
    public async Task What_cannot_be_joined_is_refused_before_the_upgrade()
    {
        await pods.RunAsync("p", "sleep 1000");
        await pods.StartAsync("done", "exit 0");
        await Eventually.True(async () => (await pods.Api.SendAsync("GET", Exec("done"))).Status != 500, "it is known");
        var plain = await pods.Api.SendAsync("GET", Exec("p"));
        Assert.Equal((400, "Upgrade request required"), (plain.Status, plain.Message));
        var none = await pods.Api.SendAsync("GET", Exec("p") + "&container=nope");
        Assert.Equal((400, "container nope is not valid for pod p"), (none.Status, none.Message));
        var protocol = await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(() => pods.OpenAsync("p", "exec?command=ls&stdout=true", "v9.channel.k8s.io"));
        Assert.Contains("403", protocol.Message, StringComparison.Ordinal);
        var nothing = await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(() => pods.OpenAsync("p", "exec?command=ls", "v4.channel.k8s.io"));
        Assert.Contains("400", nothing.Message, StringComparison.Ordinal);
        await Eventually.Passes(async () => Assert.Contains("500", (await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(() => pods.OpenAsync("done", "exec?command=ls&stdout=true", "v4.channel.k8s.io"))).Message, StringComparison.Ordinal), "a container that ended cannot be entered");
    }

    private static string Exec(string pod) => $"/api/v1/namespaces/default/pods/{pod}/exec?command=ls&stdout=true";

    private static int Sleeping(string seconds) => Directory.GetDirectories("/proc")
        .Count(process => int.TryParse(Path.GetFileName(process), out _) && Line(process).Equals($"sleep\0{seconds}\0", StringComparison.Ordinal));

    private static string Line(string process)
    {
        try
        {
            return File.ReadAllText(process + "/cmdline");
        }
        catch (IOException)
        {
            return ""; // It ended while we looked.
        }
    }
}
