using System.Globalization;
using Mesh.Api.Networking;

namespace Mesh.Api.Validation;

/// <summary>How a pod's own ports take connections.</summary>
internal static class SidecarIngressRules
{
    private static readonly string[] OwnAddresses = ["", "127.0.0.1", "0.0.0.0", "::1", "::"];

    /// <summary>All of them; each port once.</summary>
    public static void Check(FindingList found, string path, IReadOnlyList<SidecarIngressListener> listeners)
    {
        var numbers = new HashSet<long>();
        for (var i = 0; i < listeners.Count; i++)
        {
            var (listener, at) = (listeners[i], $"{path}[{i}]");
            if (listener.Port is { } port)
                Port(found, at + ".port", port);
            if (listener.Port?.Number is { } number && !numbers.Add(number))
                found.Error(at + ".port.number", number, "Another entry is for this port.", "List each port once.");
            AddressRules.Bind(found, at + ".bind", listener.Bind);
            if (!string.IsNullOrEmpty(listener.DefaultEndpoint))
                Endpoint(found, at + ".defaultEndpoint", listener.DefaultEndpoint);
            if (listener.CaptureMode is "NONE" && SidecarBinds.ComesBack(listener))
                found.Warning(at + ".captureMode", "NONE", "The sidecar does not listen there: what it takes would come back to it. The port is captured as with DEFAULT.", "Name in defaultEndpoint where the application listens, at another port or another address than bind.");
            if (listener.Tls is { } tls)
                Tls(found, at + ".tls", listener.Port?.Protocol, tls);
            ConnectionPoolRules.Check(found, at + ".connectionPool", listener.ConnectionPool);
        }
    }

    /// <summary>A port that is listened on, by number.</summary>
    public static void Port(FindingList found, string path, SidecarPort port)
    {
        if (!string.IsNullOrEmpty(port.Name))
            AddressRules.PortName(found, path + ".name", port.Name);
        Protocols.Check(found, path + ".protocol", port.Protocol);
        AddressRules.Port(found, path + ".number", port.Number);
        AddressRules.NoTargetPort(found, path + ".targetPort", port.TargetPort);
    }

    private static void Endpoint(FindingList found, string path, string endpoint)
    {
        if (AddressRules.IsUnix(endpoint))
        {
            AddressRules.Socket(found, path, endpoint);
            return;
        }

        var colon = endpoint.LastIndexOf(':');
        var host = colon < 0 ? null : endpoint[..colon];
        if (host is ['[', .., ']'])
            host = host[1..^1];
        else if (host?.Contains(':', StringComparison.Ordinal) is true)
            host = null;
        if (host is null || !OwnAddresses.Contains(host) || !int.TryParse(endpoint.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || !DnsNames.IsPort(port))
            found.Error(path, endpoint, "This is no place where the pod's application listens.", "Write 127.0.0.1:PORT, [::1]:PORT, 0.0.0.0:PORT, [::]:PORT or unix:///path.");
    }

    private static void Tls(FindingList found, string path, string? protocol, ServerTlsSettings tls)
    {
        (string Field, bool Given)[] notHere =
        [
            ("subjectAltNames", tls.SubjectAltNames.Count > 0), ("httpsRedirect", tls.HttpsRedirect is true), ("credentialName", !string.IsNullOrEmpty(tls.CredentialName)),
            ("credentialNames", tls.CredentialNames.Count > 0), ("tlsCertificates", tls.TlsCertificates.Count > 0), ("caCertCredentialName", !string.IsNullOrEmpty(tls.CaCertCredentialName)),
        ];
        foreach (var (field, _) in notHere.Where(pair => pair.Given))
            found.Error($"{path}.{field}", null, "A sidecar's port cannot have this; it is for gateways.", "Remove it, and name files in serverCertificate and privateKey.");
        if (tls.Mode is "ISTIO_MUTUAL" or "AUTO_PASSTHROUGH")
            found.Error(path + ".mode", tls.Mode, "A sidecar's port cannot have this mode.", "Write SIMPLE or MUTUAL; mutual TLS of the mesh is a matter of PeerAuthentication.");
        if (!Protocols.IsTls(protocol))
            found.Error(path, protocol, "A port that speaks no TLS has no TLS settings.", "Make the port's protocol HTTPS or TLS, or remove tls.");
        if (tls.Mode is not ("ISTIO_MUTUAL" or "AUTO_PASSTHROUGH"))
            ServerTlsRules.Check(found, path, tls);
    }
}
