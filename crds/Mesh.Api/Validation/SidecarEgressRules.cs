using Mesh.Api.Networking;

namespace Mesh.Api.Validation;

/// <summary>The services a pod calls.</summary>
internal static class SidecarEgressRules
{
    /// <summary>All of them; the entry without a port is the last.</summary>
    public static void Check(FindingList found, string path, IReadOnlyList<SidecarEgressListener> listeners)
    {
        var places = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < listeners.Count; i++)
        {
            var (listener, at) = (listeners[i], $"{path}[{i}]");
            if (listener.Port is null && i < listeners.Count - 1)
                found.Error(at + ".port", null, "The entry without a port takes what the others leave, so it is the last, and there is one.", "Put it last, or give it a port.");
            AddressRules.NoTargetPort(found, at + ".port.targetPort", listener.Port?.TargetPort);
            if (listener.Port is { } port && !places.Add(port.Number is null or 0 ? listener.Bind ?? "" : $"{port.Number}"))
                found.Error(at + ".port", port.Number, "Another entry listens there.", "List each port once.");
            Port(found, at, listener);
            Hosts(found, at + ".hosts", listener.Hosts);
        }
    }

    private static void Port(FindingList found, string path, SidecarEgressListener listener)
    {
        if (listener.Port is not { } port)
            return;
        if (port.Number is not (null or 0))
        {
            SidecarIngressRules.Port(found, path + ".port", port with { TargetPort = null });
            AddressRules.Bind(found, path + ".bind", listener.Bind);
            return;
        }

        Protocols.Check(found, path + ".port.protocol", port.Protocol);
        if (!AddressRules.IsUnix(listener.Bind))
            found.Error(path + ".port.number", port.Number, "A port is a number between 1 and 65535, or 0 for a socket that bind names.", "Write the port, or bind: unix:///path.");
        else
            AddressRules.Socket(found, path + ".bind", listener.Bind!);
        if (listener.CaptureMode is "IPTABLES")
            found.Error(path + ".captureMode", listener.CaptureMode, "A socket is not captured.", "Write NONE, or leave it out.");
    }

    private static void Hosts(FindingList found, string path, IReadOnlyList<string> hosts)
    {
        for (var i = 0; i < hosts.Count; i++)
        {
            var host = hosts[i] ?? "";
            AddressRules.ScopedHost(found, $"{path}[{i}]", host, onGateway: false);
            if (host.StartsWith('~'))
                continue;
            var wider = hosts.Where((other, j) => j != i && other is not null && Covers(other, host, j < i)).FirstOrDefault();
            if (wider is not null)
                found.Warning($"{path}[{i}]", host, $"{wider} holds this already.", "Remove one of the two.");
        }

        if (hosts.Contains("./*") && hosts.Count > 1 && hosts.Count(host => host is not null && !host.StartsWith('~') && !host.StartsWith("./", StringComparison.Ordinal)) is var others and > 0 && !hosts.Contains("*/*"))
            found.Warning(path, string.Join(", ", hosts), $"{others} entries beside ./* widen what the pod is told of.", "Check that its pods call them.");
    }

    private static bool Covers(string wide, string narrow, bool isBefore)
    {
        if (wide == narrow)
            return isBefore;
        var (scope, host) = Split(wide);
        var (otherScope, otherHost) = Split(narrow);
        return !wide.StartsWith('~') && (scope == "*" || scope == otherScope) && host == "*" && (otherHost != "*" || scope == "*");
    }

    private static (string Scope, string Host) Split(string text) =>
        text.IndexOf('/', StringComparison.Ordinal) is var slash and >= 0 ? (text[..slash], text[(slash + 1)..]) : ("", text);
}
