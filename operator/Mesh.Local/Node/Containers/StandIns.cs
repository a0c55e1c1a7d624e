using System.Text.RegularExpressions;

namespace Mesh.Local.Node.Containers;

/// <summary>
/// Images of Istio's samples, so that its tasks can be followed here unchanged: each is a program of the project that answers
/// as the image does, or the machine's own command of that name. Nothing of the image itself is here.
/// </summary>
internal static partial class StandIns
{
    /// <summary>Those there are, for an error that must say so.</summary>
    public const string Names = "istio/examples-bookinfo-…, httpbin (kennethreitz, mccutchen/go-httpbin), istio/tcp-echo-server, fortio/fortio and curlimages/curl";

    /// <summary>The image and the arguments that stand for this name (without tag); <c>null</c> when none does.</summary>
    public static StandIn? Find(string name) => WithoutRegistry(name) switch
    {
        "kennethreitz/httpbin" => Httpbin(80),
        "mccutchen/go-httpbin" => Httpbin(8080),
        "istio/tcp-echo-server" => new StandIn("mesh/bookinfo", ["9000", "hello"]) { Part = ["--service", "tcp-echo"] },
        "fortio/fortio" or "istio/fortio" => new StandIn("mesh/bookinfo", ["server"]) { Part = ["--service", "fortio"], Command = "/usr/bin/fortio" },
        "curlimages/curl" => new StandIn("local/host", []),
        var sample when Bookinfo().Match(sample) is { Success: true } match => new StandIn("mesh/bookinfo",
            ["--service", match.Groups["service"].Value, "--version", match.Groups["version"].Value]),
        _ => null,
    };

    private static StandIn Httpbin(int port) => new("mesh/bookinfo", ["--service", "httpbin", "--version", "v1", "--port", $"{port}"]);

    // docker.io/ is what a name without a registry means.
    private static string WithoutRegistry(string name)
    {
        var first = name.IndexOf('/');
        return first > 0 && name.AsSpan(0, first).ContainsAny('.', ':') ? name[(first + 1)..] : name;
    }

    [GeneratedRegex("^istio/examples-bookinfo-(?<service>productpage|details|reviews|ratings)-(?<version>v[1-3]|v-faulty|v-delayed)$", RegexOptions.CultureInvariant)]
    private static partial Regex Bookinfo();
}
