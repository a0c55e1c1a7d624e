using System.ComponentModel;
using System.Diagnostics;

namespace Mesh.Init;

/// <summary>A program that ran to its end.</summary>
public sealed record ProgramRun(int ExitCode, string Output, string Error)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Runs a program; null where there is none of that name.</summary>
    public static ProgramRun? Of(string program, IEnumerable<string> arguments, string? input = null)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        // A container's PATH may lack sbin, where Debian keeps these programs.
        start.Environment["PATH"] = $"{Environment.GetEnvironmentVariable("PATH")}:/usr/local/sbin:/usr/sbin:/sbin";
        start.FileName = Locate(program, start.Environment["PATH"]!) ?? program;
        try
        {
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            if (input is not null) process.StandardInput.Write(input);
            process.StandardInput.Close();
            if (process.WaitForExit(Limit)) return new ProgramRun(process.ExitCode, output.Result, error.Result);
            process.Kill(entireProcessTree: true);
            throw new InitFailure(InitFailure.NotApplied, $"{program} did not end within {Limit.TotalSeconds} s");
        }
        catch (Win32Exception)
        {
            return null;
        }
        catch (IOException e)
        {
            throw new InitFailure(InitFailure.NotApplied, $"{program} closed its input early: {e.Message}");
        }
    }

    private static string? Locate(string program, string path) =>
        path.Split(':').Select(directory => Path.Combine(directory, program)).FirstOrDefault(File.Exists);
}
