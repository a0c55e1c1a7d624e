using System.Collections.Frozen;
using Mesh.Config;
using Mesh.Config.Identity;

namespace Mesh.Sidecar.Config;

/// <summary>How mutual TLS of the mesh is spoken to the members of a cluster.</summary>
public sealed class UpstreamTls
{
    // A refusal is read by people: a few ids are enough to see what was expected.
    private const int MostNamed = 5;

    private const int LongestLabel = 63;
    private const int LongestName = 253;

    private readonly FrozenSet<SpiffeId> expected;

    public UpstreamTls(string serverName, FrozenSet<SpiffeId> expected, TlsVersion minimum)
    {
        ServerName = serverName;
        Minimum = minimum;
        this.expected = expected;
    }

    /// <summary>SNI, in Istio's form: <c>outbound_.PORT_.SUBSET_.HOST</c>.</summary>
    public string ServerName { get; }

    /// <summary>
    /// The server name for a destination. Nobody routes by it, so what would be too long for one (RFC 1035 section 2.3.4)
    /// leaves out what makes it so: no connection shall fail for its name.
    /// </summary>
    public static string NameOf(int port, string subset, string host)
    {
        string[] names = [$"outbound_.{port}_.{subset}_.{host}", $"outbound_.{port}_._.{host}"];
        return names.FirstOrDefault(name => name.Length <= LongestName && name.Split('.').All(label => label.Length <= LongestLabel)) ?? $"outbound_.{port}_";
    }

    /// <summary>Oldest version of TLS.</summary>
    public TlsVersion Minimum { get; }

    /// <summary>Why this server is none of the destination's; empty when it is one.</summary>
    public string WhyNot(SpiffeId server)
    {
        if (expected.Contains(server)) return "";
        if (expected.Count == 0) return $"the server is {server}, and no service account of the destination is known";
        var named = string.Join(", ", expected.Select(id => id.ToString()).Order(StringComparer.Ordinal).Take(MostNamed));
        return $"the server is {server}, expected one of {named}{(expected.Count > MostNamed ? $" and {expected.Count - MostNamed} more" : "")}";
    }
}
