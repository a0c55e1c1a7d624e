namespace Mesh.Sidecar.Forwarding;

/// <summary>
/// What two sidecars say to each other about a request that never reached the application: it ends, or has ended, and its
/// port is closed, but the news of that is still on its way to the callers. To a caller this is a connection that failed,
/// one hop later, and as harmless to try elsewhere; without the word it is a 503 like any other, which is not. Only a peer
/// proved by mutual TLS is believed, and no application sees the header or can send it.
/// </summary>
internal static class NotDelivered
{
    public const string Header = "x-mesh-not-delivered";

    /// <summary>Puts the word into an own answer, where it is true and the caller's sidecar will read it.</summary>
    public static void Tell(Exchange exchange, IHeaderDictionary response)
    {
        if (exchange is { Direction: Direction.Inbound, MutualTls: not null, LastTry.End: TryEnd.ConnectFailed }) response[Header] = "connect-failure";
    }

    /// <summary>Whether the peer's sidecar says so.</summary>
    public static bool IsTold(Exchange exchange, HttpResponseMessage response) =>
        exchange.Direction == Direction.Outbound && response.Headers.Contains(Header) && exchange.Cluster!.TlsOf(exchange.Endpoint!) is not null;
}
