using System.IO.Pipelines;
using Mesh.Local.ApiServer;
using Mesh.Local.Node.Containers;
using Mesh.Local.Node.Linux;

namespace Mesh.Local.Node.Sessions;

/// <summary>Runs a command inside a container, as the container's own user and in its namespaces, for as long as somebody wants it.</summary>
internal static class ExecSession
{
    /// <exception cref="IOException">The command cannot be run there.</exception>
    public static async Task<ContainerSession> StartAsync(ContainerRun run, ContainerSessionRequest wanted)
    {
        var spec = run.Spec;
        var root = $"/proc/{run.Process.Pid}/root";
        var output = new Pipe(new PipeOptions(useSynchronizationContext: false));
        var error = new Pipe(new PipeOptions(useSynchronizationContext: false));
        var child = await StartAsync(run, wanted, root, new ProcessStreams
        {
            Input = wanted.Input,
            Apart = true,
            Owner = spec.User,
            Output = (bytes, isError) => Hand((isError ? error : output).Writer, bytes),
        });
        return new ContainerSession(async () =>
        {
            // Readers first: a command that is being ended may still have much to say, to nobody.
            await output.Reader.CompleteAsync();
            await error.Reader.CompleteAsync();
            child.SignalGroup(Libc.SigKill);
            child.Terminal?.Dispose();
        })
        {
            Input = child.Input?.Writer,
            Output = wanted.Output ? output.Reader : null,
            Error = wanted.Error ? error.Reader : null,
            Resize = child.Terminal is { } terminal ? terminal.Resize : null,
            Exited = EndAsync(child, output, error, wanted),
        };
    }

    private static async Task<ChildProcess> StartAsync(ContainerRun run, ContainerSessionRequest wanted, string root, ProcessStreams streams)
    {
        var spec = run.Spec;
        var identity = new ContainerIdentity(spec.User, spec.Group, spec.SupplementalGroups, spec.Capabilities);
        var command = ContainerProcess.ExecCommand(run.Process.Pid, identity, wanted.Command);
        try
        {
            return await ChildProcess.StartAsync("exec-" + spec.Name, () =>
            {
                ContainerProcess.RequireCommand(spec, wanted.Command[0], root);
                return new SpawnRequest
                {
                    Path = Tool.Find(command[0]),
                    Arguments = command,
                    Environment = ContainerProcess.Environment(spec, wanted.Terminal),
                    Terminals = wanted.Terminal ? root + "/dev/pts" : null,
                };
            }, streams);
        }
        catch (ContainerStartException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    /// <summary>On the command's thread, which waits until the client has taken it.</summary>
    private static void Hand(PipeWriter writer, ReadOnlyMemory<byte> bytes) => writer.WriteAsync(bytes).AsTask().GetAwaiter().GetResult();

    private static async Task<int?> EndAsync(ChildProcess child, Pipe output, Pipe error, ContainerSessionRequest wanted)
    {
        // What nobody asked for is read all the same, so that the command is not held up by it.
        var unheard = new[] { wanted.Output ? null : output.Reader, wanted.Error ? null : error.Reader };
        foreach (var reader in unheard.OfType<PipeReader>()) await reader.CompleteAsync();
        var status = await child.Exited;
        await output.Writer.CompleteAsync();
        await error.Writer.CompleteAsync();
        return status.Code;
    }
}
