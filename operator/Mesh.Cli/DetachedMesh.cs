using System.Globalization;
using Mesh.Local;

namespace Mesh.Cli;

/// <summary>`mesh up --detach`: the same program in the background; its progress is shown here until it is ready or has failed.</summary>
internal static class DetachedMesh
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public static async Task<int> StartAsync(MeshOptions options, TextWriter output, TextWriter error, CancellationToken given)
    {
        using var interruption = new Interruption(given);
        var cancellation = interruption.Token;
        var paths = options.Paths;
        if (MeshLock.IsHeld(paths)) throw new IOException($"a mesh named {paths.Name} runs already");
        Directory.CreateDirectory(paths.State);
        if (File.Exists(paths.Record)) File.Delete(paths.Record); // Of a run that was killed; the new one writes its own.
        var pid = DetachedProcess.Start(
        [
            "up", "--name", paths.Name, "--timeout", ((int)options.Patience.TotalSeconds).ToString(CultureInfo.InvariantCulture),
            "--nodes", options.Nodes.ToString(CultureInfo.InvariantCulture), "--zones", options.Zones.ToString(CultureInfo.InvariantCulture),
            .. options.Keep ? ["--keep"] : Array.Empty<string>(),
            .. options.Bare ? ["--bare"] : Array.Empty<string>(),
            .. options.Images.SelectMany(image => new[] { "--images", $"{image.Key}={image.Value}" }),
            .. options.Sample ? Array.Empty<string>() : ["--no-bookinfo"],
            .. options.Manifests.SelectMany(file => new[] { "-f", file }),
        ], paths.Log);
        using var log = new StreamReader(new FileStream(paths.Log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        try
        {
            while (true)
            {
                var ended = !DetachedProcess.IsRunning(pid);
                while (await log.ReadLineAsync(cancellation) is { } line)
                {
                    // From here on it speaks to a terminal; the background has none.
                    if (MeshRecord.Read(paths.Record) is not { Ready: true }) await output.WriteLineAsync(line);
                }

                if (ended)
                {
                    await error.WriteLineAsync($"mesh {paths.Name} did not start; its log: {paths.Log}");
                    return ExitCodes.Usage;
                }

                if (MeshRecord.Read(paths.Record) is { Ready: true } mesh)
                {
                    NextSteps.Write(paths, mesh, mesh.Problems, background: true, output, error);
                    return mesh.Problems.Count == 0 ? ExitCodes.Fine : ExitCodes.Findings;
                }

                await Task.Delay(Pause, cancellation);
            }
        }
        catch (OperationCanceledException)
        {
            await MeshEnd.RunAsync(paths, TimeProvider.System, CancellationToken.None);
            return ExitCodes.Findings;
        }
    }
}
