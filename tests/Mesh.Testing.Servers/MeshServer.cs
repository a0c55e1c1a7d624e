namespace Mesh.Testing.Servers;

/// <summary>The whole embedded cluster, by the command a user has: <c>mesh up</c>, its nodes and controllers included.</summary>
public sealed class MeshServer : ITestServer
{
    private readonly string _name = $"conformance-{Environment.ProcessId}";

    public string Kubeconfig => Repository.Path($".mesh/{_name}/kubeconfig");

    // Its API server speaks from the node's own network, where this machine's loopback is not.
    public string? WebhookHost => null;

    public bool RunsControllers => true;

    public string Image => "local/host";

    /// <summary>Whether it can run here: root, and what `make build` leaves.</summary>
    public static bool CanRun => Environment.IsPrivilegedProcess && File.Exists(Repository.Path("bin/mesh"));

    public static async Task<MeshServer> StartAsync()
    {
        var server = new MeshServer();
        var run = await Task.Run(() => server.Mesh("up", "--detach", "--no-bookinfo"));
        return run.ExitCode == 0 ? server : throw new InvalidOperationException($"mesh up: exit {run.ExitCode}\n{run.Output}{run.Error}");
    }

    public async ValueTask DisposeAsync() => await Task.Run(() => Mesh("down"));

    private CommandResult Mesh(string verb, params string[] more) =>
        Command.Run("bash", ["-c", "cd \"$0\" && exec bin/mesh \"$@\"", Repository.Root, verb, "--name", _name, .. more], timeout: TimeSpan.FromMinutes(3));
}
