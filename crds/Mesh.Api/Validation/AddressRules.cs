using Mesh.Config;

namespace Mesh.Api.Validation;

/// <summary>Addresses, sockets and ports as Gateway, Sidecar, ServiceEntry and WorkloadEntry write them.</summary>
internal static class AddressRules
{
    /// <summary>Whether it names a socket.</summary>
    public static bool IsUnix(string? address) => UnixAddress.Is(address);

    /// <summary>The path of a socket (<c>unix:///run/a.sock</c>), or an abstract one (<c>unix://@name</c>).</summary>
    public static void Socket(FindingList found, string path, string address)
    {
        if (UnixAddress.Problem(address) is { } problem)
            found.Error(path, address, $"This is no socket: {problem}.", "Write unix:///run/app.sock, or unix://@name.");
    }

    /// <summary>An address to listen on.</summary>
    public static void Bind(FindingList found, string path, string? bind)
    {
        if (!string.IsNullOrEmpty(bind) && !DnsNames.IsAddress(bind))
            found.Error(path, bind, "This is no address to listen on.", "Write an IP address, or leave it out.");
    }

    /// <summary>A port's number.</summary>
    public static void Port(FindingList found, string path, long? port)
    {
        if (port is null or < 1 or > 65535)
            found.Error(path, port, "A port is a number between 1 and 65535.", "Write such a number.");
    }

    /// <summary>A port's name.</summary>
    public static void PortName(FindingList found, string path, string? name)
    {
        if (!DnsNames.IsLabel(name))
            found.Error(path, name, "This is no name of a port.", "Write letters, digits and hyphens, at most 63.");
    }

    /// <summary>A field that other kinds have and this one has no use for.</summary>
    public static void NoTargetPort(FindingList found, string path, long? targetPort)
    {
        if (targetPort > 0)
            found.Error(path, targetPort, "A listener has no target port.", "Remove it.");
    }

    /// <summary>A host after an optional namespace: <c>prod/*.example.com</c>, <c>./*</c>.</summary>
    public static void ScopedHost(FindingList found, string path, string host, bool onGateway)
    {
        var slash = host.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 && !onGateway)
        {
            found.Error(path, host, "A namespace and a host are needed.", "Write NAMESPACE/HOST, such as */*, ./* or prod/*.example.com.");
            return;
        }

        if (slash == 0 || slash == host.Length - 1)
        {
            found.Error(path, host, "Neither the namespace nor the host may be empty.", "Write NAMESPACE/HOST, such as */* or prod/shop.example.com.");
            return;
        }

        if (slash > 0 && !IsScope(host[..slash], onGateway))
            found.Error(path, host, $"'{host[..slash]}' is no namespace.", onGateway ? "Write a namespace's name, '.' for this one or '*' for all." : "Write a namespace's name, '.' for this one, '*' for all, or '~' before what is left out.");
        Host(found, path, host, host[(slash + 1)..], onGateway);
    }

    private static bool IsScope(string scope, bool onGateway) =>
        scope is "*" or "." || DnsNames.IsLabel(scope) || (!onGateway && (scope == "~" || (scope[0] == '~' && (scope[1..] is "*" or "." || DnsNames.IsLabel(scope[1..])))));

    private static void Host(FindingList found, string path, string written, string host, bool onGateway)
    {
        if (onGateway && DnsNames.IsAddress(host))
            return;
        if (DnsNames.WildcardProblem(host) is { } problem)
            found.Error(path, written, $"This is no host: {problem}.", "Write a full name, or one with a leading wildcard such as *.example.com.");
        else if (host != "*" && !host.Contains('.', StringComparison.Ordinal))
            found.Error(path, written, "A short name means nothing here.", onGateway ? "Write the full name, such as shop.example.com." : "Write the full name, such as prod/reviews.prod.svc.cluster.local.");
        else if (host.Length > 1 && host[0] == '*' && host[1] != '.')
            found.Error(path, written, "A wildcard stands for whole parts of a name.", "Write *.example.com.");
    }
}
