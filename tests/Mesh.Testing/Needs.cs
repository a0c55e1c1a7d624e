using Xunit;

namespace Mesh.Testing;

/// <summary>
/// What a test needs from its machine. A test that cannot run here calls one of these first: it is then skipped with the
/// reason in the output, or fails with it where <c>MESH_TEST_REQUIRE</c> names the need (<c>netns,cases</c>, or <c>all</c>).
/// Nothing here installs or changes anything.
/// </summary>
public static class Needs
{
    /// <summary>Root, ip and iptables: real network namespaces with real rules (need <c>netns</c>).</summary>
    public static void Netns()
    {
        Require("netns", OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "needs root on Linux");
        Require("netns", FindProgram("ip") is not null, "needs ip (Debian package iproute2)");
        Require("netns", FindProgram("iptables") is not null, "needs iptables (Debian package iptables)");
        Require("netns", CanMakeNamespaces.Value is null, $"cannot make a network namespace here: {CanMakeNamespaces.Value}");
    }

    /// <summary>A folder of the shared cases (need <c>cases</c>), see <see cref="SharedCases"/>.</summary>
    public static string Cases(string folder)
    {
        var path = SharedCases.Find(folder);
        Require("cases", path is not null,
            $"needs the shared cases '{folder}': looked in MESH_CASES and {SharedCases.DefaultRoot}");
        return path!;
    }

    /// <summary>A program on the PATH (need <c>programs</c>). Returns its full path.</summary>
    public static string Program(string name, string debianPackage)
    {
        var path = FindProgram(name);
        Require("programs", path is not null, $"needs {name} (Debian package {debianPackage})");
        return path!;
    }

    /// <summary>A file that <c>make build</c> leaves (need <c>build</c>), relative to the repository. Returns its full path.</summary>
    public static string Built(string relativePath)
    {
        var path = Repository.Path(relativePath);
        Require("build", File.Exists(path), $"needs {relativePath}: run `make build` first");
        return path;
    }

    /// <summary>A Kubernetes API server of the caller's choice (need <c>cluster</c>): the kubeconfig in MESH_TEST_KUBECONFIG.</summary>
    public static string Cluster()
    {
        var path = Environment.GetEnvironmentVariable("MESH_TEST_KUBECONFIG");
        Require("cluster", File.Exists(path), "needs a real API server: set MESH_TEST_KUBECONFIG to its kubeconfig");
        return path!;
    }

    /// <summary>Minutes rather than seconds (need <c>long</c>): certificates that run out, a root that is renewed, load that lasts.</summary>
    public static void Long() =>
        Require("long", Environment.GetEnvironmentVariable("MESH_TEST_LONG") == "1", "takes minutes: set MESH_TEST_LONG=1");

    /// <summary>Skips the test, or fails it where MESH_TEST_REQUIRE names <paramref name="need"/>.</summary>
    public static void Require(string need, bool met, string reason)
    {
        if (met) return;
        var required = (Environment.GetEnvironmentVariable("MESH_TEST_REQUIRE") ?? "")
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (required.Contains(need) || required.Contains("all"))
            Assert.Fail($"MESH_TEST_REQUIRE asks for '{need}', but this test {reason}");
        Assert.Skip($"{need}: {reason}");
    }

    /// <summary>Full path of a program on the PATH (and in sbin, which a user's PATH may lack), or null.</summary>
    public static string? FindProgram(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .Concat(["/usr/local/sbin", "/usr/sbin", "/sbin"])
            .Select(directory => System.IO.Path.Combine(directory, name))
            .FirstOrDefault(File.Exists);

    private static readonly Lazy<string?> CanMakeNamespaces = new(() =>
    {
        try
        {
            using var probe = NetworkNamespace.Create("probe");
            return null;
        }
        catch (InvalidOperationException e)
        {
            return e.Message;
        }
    });
}
