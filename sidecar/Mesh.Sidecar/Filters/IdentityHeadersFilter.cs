namespace Mesh.Sidecar.Filters;

/// <summary>Headers every request carries on in a mesh: an id to find it by, and the scheme the client spoke.</summary>
public sealed class IdentityHeadersFilter(Random random) : Filter
{
    public override ValueTask InvokeAsync(Exchange exchange)
    {
        var headers = exchange.Headers;
        if (string.IsNullOrEmpty(headers.Get("x-request-id"))) headers.Set("x-request-id", NewId());
        if (string.IsNullOrEmpty(headers.Get("x-forwarded-proto"))) headers.Set("x-forwarded-proto", exchange.Scheme);
        return NextAsync(exchange);
    }

    // A random UUID (RFC 9562 section 5.4). It names a request, it guards nothing: no cryptography needed.
    private string NewId()
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString();
    }
}
