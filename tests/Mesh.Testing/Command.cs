using System.Diagnostics;

namespace Mesh.Testing;

/// <summary>Runs a program to its end, bounded in time, and returns what it said.</summary>
public static class Command
{
    /// <summary>Runs and returns, whatever the exit code; kills the program and throws after <paramref name="timeout"/> (30 s).</summary>
    public static CommandResult Run(string program, IEnumerable<string> arguments, string? input = null,
        IReadOnlyDictionary<string, string>? environment = null, TimeSpan? timeout = null)
    {
        using var process = Start(program, arguments, environment, redirectInput: input is not null);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (input is not null)
        {
            process.StandardInput.Write(input);
            process.StandardInput.Close();
        }
        var patience = timeout ?? TimeSpan.FromSeconds(30);
        if (!process.WaitForExit(patience))
        {
            process.Kill(entireProcessTree: true);
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} did not end within {patience.TotalSeconds} s");
        }
        return new CommandResult(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    /// <summary>Runs and throws unless the exit code is 0.</summary>
    public static string Must(string program, params string[] arguments)
    {
        var result = Run(program, arguments);
        return result.ExitCode == 0 ? result.Output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: exit {result.ExitCode}: {result.Error}{result.Output}");
    }

    /// <summary>Starts a program whose output the caller reads; the caller ends it.</summary>
    public static Process Start(string program, IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment = null, bool redirectInput = false)
    {
        var start = new ProcessStartInfo(Needs.FindProgram(program) ?? program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = redirectInput,
        };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        return Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
    }
}
