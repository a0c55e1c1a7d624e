using System.CommandLine;
using System.Text.RegularExpressions;
using Mesh.Local;

namespace Mesh.Cli;

/// <summary>Options that several commands have.</summary>
internal static partial class CommonOptions
{
    public static Option<string> Name()
    {
        var option = new Option<string>("--name") { Description = "Name of the mesh; several can run side by side", DefaultValueFactory = _ => MeshPaths.DefaultName };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is { } name && !NamePattern.IsMatch(name)) result.AddError($"--name \"{name}\": lower-case letters, digits and dashes, at most 30, beginning with a letter.");
        });
        return option;
    }

    [GeneratedRegex("^[a-z][a-z0-9-]{0,29}$")]
    private static partial Regex NamePattern { get; }
}
