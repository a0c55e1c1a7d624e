using System.CommandLine;
using System.Text.RegularExpressions;
using Mesh.Cli.Clusters;
using Mesh.Local;

namespace Mesh.Cli;

/// <summary>Options that several commands have.</summary>
internal static partial class CommonOptions
{
    /// <param name="defaulted">Whether the usual name stands where none is given.</param>
    public static Option<string> Name(bool defaulted = true)
    {
        var option = new Option<string>("--name") { Description = defaulted ? "Name of the mesh; several can run side by side" : "Name of a mesh of this machine (mesh up)" };
        if (defaulted) option.DefaultValueFactory = _ => MeshPaths.DefaultName;
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is { } name && !NamePattern.IsMatch(name))
                result.AddError($"--name \"{name}\": lower-case letters, digits and dashes, at most 30, beginning with a letter");
        });
        return option;
    }

    public static Option<string> Namespace() =>
        new("--namespace", "-n") { Description = "Namespace of the pod", DefaultValueFactory = _ => "default" };

    public static Option<string> Output()
    {
        var option = new Option<string>("--output", "-o") { Description = "text or json", DefaultValueFactory = _ => "text" };
        option.AcceptOnlyFromAmong("text", "json");
        return option;
    }

    /// <summary>What to read objects from.</summary>
    public static Option<string[]> Files(bool required)
    {
        var option = new Option<string[]>("--filename", "-f") { Description = "File, directory (with all below it) or - for standard input; may be given several times", Required = required, AllowMultipleArgumentsPerToken = true };
        return option;
    }

    /// <summary>The running mesh's record.</summary>
    /// <exception cref="IOException">No such mesh runs.</exception>
    public static MeshRecord Running(MeshPaths paths) =>
        MeshRecord.Read(paths.Record) is { } record && MeshLock.IsHeld(paths)
            ? record
            : throw new IOException($"no mesh named {paths.Name} runs (mesh up{(paths.Name == MeshPaths.DefaultName ? "" : $" --name {paths.Name}")} starts one)");

    /// <summary>Said in place of a table without rows.</summary>
    public static string NoSidecar(PodScope scope) => scope.IsAll
        ? "No pod has a sidecar: a namespace gets them by the label istio-injection=enabled, its pods when they are made anew."
        : "None of these pods has a sidecar.";

    [GeneratedRegex("^[a-z][a-z0-9-]{0,29}$")]
    private static partial Regex NamePattern { get; }
}
