using System.Collections.Immutable;
using System.Net.WebSockets;
using Mesh.Local.ApiServer.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Local.ApiServer.Streaming;

/// <summary>How a client wants its connection upgraded (WebSocket or SPDY/3.1) and in which versions it can speak then.</summary>
internal sealed record StreamOffer
{
    private const string Spdy = "SPDY/3.1";
    private const string SpdyVersions = "X-Stream-Protocol-Version";

    private readonly HttpContext context;

    private StreamOffer(HttpContext context) => this.context = context;

    public required bool IsWebSocket { get; init; }

    /// <summary>As the client prefers them; without any it speaks the first, unnamed one.</summary>
    public required ImmutableArray<string> Protocols { get; init; }

    /// <exception cref="StatusException">No upgrade is asked for, or one that no such request can have.</exception>
    public static StreamOffer Of(HttpContext context)
    {
        if (context.WebSockets.IsWebSocketRequest)
            return new StreamOffer(context) { IsWebSocket = true, Protocols = Named(context.WebSockets.WebSocketRequestedProtocols) };
        var upgrade = context.Request.Headers.Upgrade.ToString();
        if (string.Equals(upgrade, Spdy, StringComparison.OrdinalIgnoreCase) && context.Features.Get<IHttpUpgradeFeature>()?.IsUpgradableRequest == true)
            return new StreamOffer(context) { IsWebSocket = false, Protocols = Named(context.Request.Headers[SpdyVersions].SelectMany(line => line?.Split(',', StringSplitOptions.TrimEntries) ?? [])) };
        throw StatusException.BadRequest("Upgrade request required");
    }

    /// <summary>The first of the client's protocols that we speak too; a client with none of them is told which there are.</summary>
    public string? Agree(ImmutableArray<string> spoken) => Protocols.FirstOrDefault(spoken.Contains);

    public StatusException Refusal(ImmutableArray<string> spoken)
    {
        if (IsWebSocket)
            return new StatusException(403, "Forbidden", $"requested protocol(s) are not supported: [{string.Join(' ', Protocols)}]; supports [{string.Join(' ', spoken)}]");
        foreach (var protocol in spoken)
            context.Response.Headers.Append("X-Accepted-Stream-Protocol-Versions", protocol);
        return new StatusException(403, "Forbidden", $"unable to upgrade: unable to negotiate protocol: client supports [{string.Join(' ', Protocols)}], server accepts [{string.Join(' ', spoken)}]");
    }

    public Task<WebSocket> AcceptWebSocketAsync(string protocol)
    {
        // Set by hand: .NET takes no subprotocol with a slash, as the tunnel's has one.
        if (protocol.Length > 0)
            context.Response.Headers.SecWebSocketProtocol = protocol;
        return context.WebSockets.AcceptWebSocketAsync();
    }

    public Task<Stream> AcceptSpdyAsync(string protocol)
    {
        context.Response.Headers.Connection = "Upgrade";
        context.Response.Headers.Upgrade = Spdy;
        if (protocol.Length > 0)
            context.Response.Headers[SpdyVersions] = protocol;
        return context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
    }

    private static ImmutableArray<string> Named(IEnumerable<string> protocols)
    {
        var named = protocols.Where(protocol => protocol.Length > 0).ToImmutableArray();
        return named.IsEmpty ? [""] : named;
    }
}
