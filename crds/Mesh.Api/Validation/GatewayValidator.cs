using Mesh.Api.Networking;

namespace Mesh.Api.Validation;

/// <summary>Everything that can be said about a Gateway by looking at it alone.</summary>
public static class GatewayValidator
{
    /// <summary>What is wrong with a spec, errors first; empty when it is fine.</summary>
    public static IReadOnlyList<Finding> Validate(GatewaySpec spec, ObjectHead head)
    {
        var found = new FindingList(head.Resource);
        if (SpecRules.Unreadable(found, spec))
            return found.ToList();

        FieldBounds.Check(found, "spec", spec);
        if (head.Name.Length > 0 && !DnsNames.IsLabel(head.Name))
            found.Error("metadata.name", head.Name, "The name of a gateway is one part of a DNS name.", "Write letters, digits and hyphens, at most 63, without dots.");
        if (spec.Servers.Count == 0)
            found.Error("spec.servers", null, "A gateway needs a server.", "Add one with port and hosts.");
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < spec.Servers.Count; i++)
        {
            var server = spec.Servers[i];
            Server(found, $"spec.servers[{i}]", server);
            if (server.Port?.Name is { Length: > 0 } name && !names.Add(name))
                found.Error($"spec.servers[{i}].port.name", name, "Another server has a port of this name.", "Give each port a name of its own.");
        }

        return found.ToList();
    }

    private static void Server(FindingList found, string path, GatewayServer server)
    {
        for (var i = 0; i < server.Hosts.Count; i++)
            AddressRules.ScopedHost(found, $"{path}.hosts[{i}]", server.Hosts[i] ?? "", onGateway: true);
        if (!string.IsNullOrEmpty(server.DefaultEndpoint))
            found.Warning(path + ".defaultEndpoint", server.DefaultEndpoint, "This has no effect, as in Istio.", "Remove it.");
        ServerTlsRules.Check(found, path + ".tls", server.Tls);
        if (server.Port is not { } port)
            return;
        Port(found, path, port, server.Bind);
        Tls(found, path + ".tls", port, server.Tls);
    }

    private static void Port(FindingList found, string path, GatewayPort port, string? bind)
    {
        if (!string.IsNullOrEmpty(port.Protocol) && !Protocols.IsKnown(port.Protocol))
            found.Error(path + ".port.protocol", port.Protocol, "There is no such protocol.", Protocols.Remedy);
        AddressRules.NoTargetPort(found, path + ".port.targetPort", port.TargetPort);
        if (!AddressRules.IsUnix(bind))
        {
            if (port.Number is not null)
                AddressRules.Port(found, path + ".port.number", port.Number);
            AddressRules.Bind(found, path + ".bind", bind);
            return;
        }

        AddressRules.Socket(found, path + ".bind", bind!);
        if (port.Number is { } number and not 0)
            found.Error(path + ".port.number", number, "A socket has no port.", "Write 0.");
    }

    private static void Tls(FindingList found, string path, GatewayPort port, ServerTlsSettings? tls)
    {
        if (Protocols.IsTls(port.Protocol) && tls is null)
            found.Error(path, null, $"A port that speaks {port.Protocol} needs TLS settings.", "Add tls with a mode.");
        if (tls is null)
            return;
        if (tls.HttpsRedirect is true && !Protocols.IsHttp(port.Protocol))
            found.Warning(path + ".httpsRedirect", "true", "Only requests in clear text can be redirected; this port speaks none.", "Put it on the server of the HTTP port.");
        if (Protocols.IsTls(port.Protocol) || (Protocols.IsHttp(port.Protocol) && tls.Mode is null or "PASSTHROUGH" && ServerTlsRules.NamesNothing(tls)))
            return;
        found.Error(path, tls.Mode, "A port in clear text has no TLS settings.", "Make the port's protocol HTTPS or TLS, or keep nothing but httpsRedirect.");
    }
}
