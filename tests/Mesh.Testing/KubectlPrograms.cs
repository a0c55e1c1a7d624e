using System.Text.RegularExpressions;

namespace Mesh.Testing;

/// <summary>
/// The kubectls to try: those <c>MESH_TEST_KUBECTLS</c> lists (paths, parted by colons), else the one on the PATH. Where there
/// is none the list holds the bare name, and the test that asks for it skips with the reason.
/// </summary>
public static partial class KubectlPrograms
{
    public static IReadOnlyList<string> All { get; } =
        Environment.GetEnvironmentVariable("MESH_TEST_KUBECTLS")?.Split(':', StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } given ? given : ["kubectl"];

    /// <summary>The path of one of them; skips when it is not there.</summary>
    public static string Require(string name) => name.Contains('/') && File.Exists(name) ? name : Needs.Program(name, "kubectl, 1.27 or later");

    /// <summary>Its minor version: 32 of 1.32.5.</summary>
    public static int Minor(string path) =>
        int.Parse(Version.Match(Command.Must(path, "version", "--client")).Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex(@"v1\.(\d+)")]
    private static partial Regex Version { get; }
}
