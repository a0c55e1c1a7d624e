using Mesh.Local.Node.Linux;

namespace Mesh.Local;

/// <summary>Ends a mesh from outside, and clears away what one that was killed left.</summary>
public static class MeshEnd
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>False when there was nothing to end.</summary>
    /// <exception cref="IOException">The mesh runs and could not be ended.</exception>
    public static async Task<bool> RunAsync(MeshPaths paths, TimeProvider time, CancellationToken cancellation)
    {
        var ran = MeshLock.IsHeld(paths);
        if (ran && await RunningAsync(paths, time, cancellation) is { } record)
        {
            Libc.Kill(record.Pid, Libc.SigTerm);
            if (!await ReleasedAsync(paths, time, cancellation))
            {
                Libc.Kill(record.Pid, Libc.SigKill);
                if (!await ReleasedAsync(paths, time, cancellation)) throw new IOException($"process {record.Pid} of mesh {paths.Name} does not end");
            }
        }

        return Clear(paths) || ran;
    }

    /// <summary>Removes what only a running mesh needs; true when a killed one had left something.</summary>
    internal static bool Clear(MeshPaths paths)
    {
        if (!Directory.Exists(paths.State)) return false;
        var left = File.Exists(paths.Record);
        new ProcessLedger(Path.Combine(paths.State, "processes")).Sweep();
        ClearCgroups(paths);
        foreach (var file in new[] { paths.Record, paths.Kubeconfig, paths.OperatorKubeconfig, paths.NodeKubeconfig, paths.FaultSocket, paths.ShortKubeconfig }) if (file is not null) File.Delete(file);
        // Logs stay to be read; volumes and their secrets do not.
        foreach (var directory in new[] { "pods", "running" })
        {
            var path = Path.Combine(paths.Node, directory);
            if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
        }

        return left;
    }

    /// <summary>
    /// The record of the mesh that runs, waited for when that is just starting; null when it has ended meanwhile. One that a
    /// killed run left names a process that is gone, or another that has its number now.
    /// </summary>
    private static async Task<MeshRecord?> RunningAsync(MeshPaths paths, TimeProvider time, CancellationToken cancellation)
    {
        for (var waited = TimeSpan.Zero; waited < Patience; waited += Pause)
        {
            if (MeshRecord.Read(paths.Record) is { } record && record.IsOfRunning) return record;
            if (!MeshLock.IsHeld(paths)) return null;
            await Task.Delay(Pause, time, cancellation);
        }

        throw new IOException($"mesh {paths.Name} has been starting for {Patience.TotalSeconds:0} s and does not say which process it is; its log: {paths.Log}");
    }

    internal static void ClearCgroups(MeshPaths paths)
    {
        if (!File.Exists(paths.Cgroups)) return;
        Node.Containers.Cgroups.Clear(File.ReadLines(paths.Cgroups));
        File.Delete(paths.Cgroups);
    }

    private static async Task<bool> ReleasedAsync(MeshPaths paths, TimeProvider time, CancellationToken cancellation)
    {
        for (var waited = TimeSpan.Zero; waited < Patience; waited += Pause)
        {
            if (!MeshLock.IsHeld(paths)) return true;
            await Task.Delay(Pause, time, cancellation);
        }

        return false;
    }
}
