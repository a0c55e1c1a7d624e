namespace Mesh.Sidecar.Filters;

/// <summary>
/// What the application is told of its caller (<c>x-forwarded-client-cert</c>): what mutual TLS proved, appended to what the
/// caller's own proxies said. In clear text nothing is proved, so nothing is said, whatever the caller claims.
/// </summary>
public sealed class ClientCertificateFilter : Filter
{
    private const string Header = "x-forwarded-client-cert";

    public override ValueTask InvokeAsync(Exchange exchange)
    {
        if (exchange.MutualTls is not { } peer) exchange.Headers.Remove(Header);
        else if (exchange.Headers.Get(Header) is { Length: > 0 } earlier) exchange.Headers.Set(Header, $"{earlier},{peer.ForwardedClientCert}");
        else exchange.Headers.Set(Header, peer.ForwardedClientCert);
        return NextAsync(exchange);
    }
}
