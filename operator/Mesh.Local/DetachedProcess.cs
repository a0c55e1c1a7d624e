using System.Collections.Immutable;
using Mesh.Local.Node.Linux;
using Microsoft.Win32.SafeHandles;

namespace Mesh.Local;

/// <summary>Starts this very program again in a session of its own, writing to a log: it stays when the terminal goes.</summary>
public static class DetachedProcess
{
    /// <summary>Returns the process id.</summary>
    public static int Start(ImmutableArray<string> arguments, string log)
    {
        using var none = File.OpenHandle("/dev/null");
        using SafeFileHandle output = File.OpenHandle(log, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        var self = Environment.ProcessPath ?? throw new IOException("this program does not know its own path");
        ImmutableArray<string> start = Path.GetFileName(self) == "dotnet" ? [self, Path.Combine(AppContext.BaseDirectory, "mesh.dll")] : [self];
        return Spawn.Start(new SpawnRequest
        {
            Path = self,
            Arguments = [.. start, .. arguments],
            Environment = [.. Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().Select(e => $"{e.Key}={e.Value}")],
            StandardInput = (int)none.DangerousGetHandle(),
            StandardOutput = (int)output.DangerousGetHandle(),
            StandardError = (int)output.DangerousGetHandle(),
        });
    }

    /// <summary>A child that ended and was not waited for is no longer running.</summary>
    public static bool IsRunning(int pid)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{pid}/stat");
            return text[(text.LastIndexOf(')') + 2)..][0] != 'Z';
        }
        catch (IOException)
        {
            return false;
        }
    }
}
