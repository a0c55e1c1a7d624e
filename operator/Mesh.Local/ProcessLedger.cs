using System.Globalization;
using Mesh.Local.Node.Linux;

namespace Mesh.Local;

/// <summary>
/// The processes a mesh started, on disk, each with the moment it began (so that a number used again is not mistaken).
/// They die with their supervisor by themselves; this is for the moment between a process's start and its asking for that.
/// </summary>
internal sealed class ProcessLedger(string path)
{
    private readonly Lock _lock = new();

    public void Add(int pid)
    {
        if (StartOf(pid) is not { } start) return;
        lock (_lock) File.AppendAllText(path, $"{pid} {start}\n");
    }

    /// <summary>Kills what is still there of an earlier run and forgets it; returns how many there were.</summary>
    public int Sweep()
    {
        if (!File.Exists(path)) return 0;
        var killed = 0;
        foreach (var line in File.ReadLines(path))
        {
            if (line.Split(' ') is not [var number, var start] || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var pid)) continue;
            if (StartOf(pid) == start && Libc.Kill(pid, Libc.SigKill) == 0) killed++;
        }

        File.Delete(path);
        return killed;
    }

    /// <summary>When the process began, in ticks since boot as the kernel tells it; null when there is none.</summary>
    public static string? StartOf(int pid)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{pid}/stat");
            // The name, in parentheses, may hold anything; the fields are counted after it.
            return text[(text.LastIndexOf(')') + 2)..].Split(' ')[19];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or IndexOutOfRangeException)
        {
            return null;
        }
    }
}
