using System.Buffers;
using System.IO.Pipelines;
using Mesh.Local.ApiServer;

namespace Mesh.Local.Node.Sessions;

/// <summary>Joins a container's main process: hears what it writes from now on, types what it reads.</summary>
internal static class AttachSession
{
    public static ContainerSession Open(ContainerRun run, ContainerSessionRequest wanted)
    {
        var listener = new OutputListener(wanted.Output, wanted.Error);
        run.Output.Add(listener);
        var typed = wanted.Input && run.Process.Input is not null ? new Pipe(new PipeOptions(useSynchronizationContext: false)) : null;
        if (typed is not null) _ = TypeAsync(typed.Reader, run);
        return new ContainerSession(() =>
        {
            run.Output.Remove(listener);
            listener.End();
            return ValueTask.CompletedTask;
        })
        {
            Input = typed?.Writer,
            Output = listener.Output,
            Error = listener.Error,
            Resize = run.Process.Terminal is { } terminal ? terminal.Resize : null,
            Exited = EndAsync(run, listener),
        };
    }

    private static async Task<int?> EndAsync(ContainerRun run, OutputListener listener)
    {
        await run.Process.Exited;
        listener.End();
        return null;
    }

    /// <summary>Input stays open for the next who attaches, unless it was to be for one only.</summary>
    private static async Task TypeAsync(PipeReader typed, ContainerRun run)
    {
        var input = run.Process.Input!.Writer;
        while (true)
        {
            var read = await typed.ReadAsync();
            lock (run.Process.Input)
            {
                foreach (var segment in read.Buffer) input.Write(segment.Span);
            }

            await input.FlushAsync();
            typed.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) break;
        }

        if (run.Spec.InputOnce) await input.CompleteAsync();
        await typed.CompleteAsync();
    }
}
