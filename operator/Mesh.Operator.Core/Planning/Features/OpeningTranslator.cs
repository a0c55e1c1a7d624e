using Mesh.Api.Networking;
using Mesh.Config;

namespace Mesh.Operator.Core.Planning.Features;

/// <summary>A policy -> what connections to the members begin with.</summary>
internal static class OpeningTranslator
{
    public static ProxyProtocolVersion? ProxyProtocol(ProxyProtocolSettings? settings) => settings switch
    {
        null => null,
        { Version: "V2" } => ProxyProtocolVersion.V2,
        _ => ProxyProtocolVersion.V1,
    };

    public static Tunnel? Tunnel(TunnelSettings? settings) => settings is not { TargetHost.Length: > 0, TargetPort: { } port } ? null : new Tunnel
    {
        Host = settings.TargetHost,
        Port = port,
        UsesPost = settings.Protocol == "POST",
    };
}
