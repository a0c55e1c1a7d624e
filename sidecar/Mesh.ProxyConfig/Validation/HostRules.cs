namespace Mesh.Config;

/// <summary>Rules of host names in domains and server names.</summary>
internal static class HostRules
{
    public static void Check(ConfigPath at, string member, string host, ProblemList problems)
    {
        if (host.Length == 0) problems.Add(at, member, "a name is empty");
        else if (host.AsSpan(1).Contains('*')) problems.Add(at, member, $"'{host}': a star may only lead");
        else if (host.AsSpan().ContainsAnyInRange('A', 'Z')) problems.Add(at, member, $"'{host}' must be in lower case");
        else if (!host.StartsWith('[') && host.Contains(':')) problems.Add(at, member, $"'{host}' must be without port; an IPv6 address stands in brackets");
    }
}
