using System.Net;
using System.Text;
using Mesh.Config;
using Mesh.Sidecar.Config;
using Mesh.Sidecar.Connections;
using Mesh.Sidecar.Health;

namespace Mesh.Sidecar.Forwarding;

/// <summary>The connections to one member of one cluster. Lives as long as a snapshot names the member, and while requests use it.</summary>
public sealed class UpstreamClient
{
    /// <summary>Set on the request for which a connection was opened.</summary>
    internal static readonly HttpRequestOptionsKey<bool> Dialled = new("mesh.dialled");

    /// <summary>Where the request waits for its connection, and may be told to wait no longer.</summary>
    internal static readonly HttpRequestOptionsKey<Admission> Place = new("mesh.place");

    /// <summary>What its connection begins with.</summary>
    internal static readonly HttpRequestOptionsKey<ProxyHeader> Header = new("mesh.header");

    // A connection that is for one client's connection is no use to others, and nobody tells when that one has ended.
    private static readonly TimeSpan ForOneClient = TimeSpan.FromSeconds(5);

    private const int Retired = 1 << 30;

    private readonly SocketsHttpHandler handler;
    private volatile UpstreamTls? tls;
    private int uses;
    private int served;

    /// <param name="dial">Opens its connections.</param>
    /// <param name="state">The member.</param>
    /// <param name="terms">What its connections are made by.</param>
    /// <param name="tls">How mutual TLS is spoken to it; <c>null</c>: in clear text, for as long as the client lives.</param>
    internal UpstreamClient(UpstreamDialler dial, EndpointState state, UpstreamTerms terms, UpstreamTls? tls)
    {
        this.tls = tls;
        Terms = terms;
        handler = CreateHandler((connection, cancellation) =>
        {
            var request = connection.InitialRequestMessage;
            request.Options.Set(Dialled, true);
            return dial.ConnectAsync(state, this.tls, request, connection.DnsEndPoint.Host, cancellation);
        });
        if (terms.Pool is { } pool) Limit(handler, pool);
        if (terms.ProxyProtocol is not null && (handler.PooledConnectionIdleTimeout > ForOneClient || handler.PooledConnectionIdleTimeout < TimeSpan.Zero)) handler.PooledConnectionIdleTimeout = ForOneClient;
        Invoker = new HttpMessageInvoker(handler, disposeHandler: false);
        Prefix = $"http://{UpstreamDial.AuthorityOf(state.Address)}";
    }

    /// <summary>Sends requests to the member, whatever their authority says.</summary>
    public HttpMessageInvoker Invoker { get; }

    /// <summary>Scheme and address, to build URIs with; the Host header is set apart from it.</summary>
    public string Prefix { get; }

    /// <summary>
    /// The same for a request to this authority. Where TLS is spoken to a destination outside the mesh, the server's name stands
    /// in place of the address: the library keeps connections apart by it, and one made for another name is no use. The same
    /// goes for what a header at their beginning says.
    /// </summary>
    public string PrefixFor(string authority, ProxyHeader? header)
    {
        if (Terms.Origination is null && header is null) return Prefix;
        var name = Terms.Origination?.NameFor(authority) ?? "member";
        return header is null ? $"http://{name}" : $"http://{header.Name}.{name}";
    }

    /// <summary>What its connections are made by.</summary>
    internal UpstreamTerms Terms { get; set; }

    /// <summary>Tries that use it now.</summary>
    internal int Uses => Volatile.Read(ref uses);

    /// <summary>Counts one more request; the number of requests so far.</summary>
    internal int Serve() => Interlocked.Increment(ref served);

    /// <summary>Takes it for one try; <c>false</c> when it is retired. Give it back with <see cref="Release"/>.</summary>
    public bool TryUse()
    {
        if ((Interlocked.Increment(ref uses) & Retired) == 0) return true;
        Release();
        return false;
    }

    /// <summary>What connections opened from now on ask of the server: what config says may change while the client lives.</summary>
    public void Expect(UpstreamTls? terms)
    {
        if (!ReferenceEquals(tls, terms)) tls = terms;
    }

    /// <summary>A try is done with it.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref uses) == Retired) handler.Dispose();
    }

    /// <summary>No snapshot names the member any longer: requests in flight finish, then the connections are closed.</summary>
    public void Retire()
    {
        if (Interlocked.Add(ref uses, Retired) == Retired) handler.Dispose();
    }

    /// <summary>Every default that would break somebody's traffic in silence, or change it.</summary>
    internal static SocketsHttpHandler CreateHandler(Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>> connect) => new()
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null, // else a traceparent of our own replaces the application's
        EnableMultipleHttp2Connections = true,
        MaxConnectionsPerServer = int.MaxValue, // limits are ours to keep, where they can be seen; this queue is invisible
        PooledConnectionLifetime = Timeout.InfiniteTimeSpan, // the address is fixed, there is no name to look up again
        PooledConnectionIdleTimeout = TimeSpan.FromHours(1), // as Envoy
        ConnectTimeout = Timeout.InfiniteTimeSpan, // the cluster's, kept by the dialler
        Expect100ContinueTimeout = TimeSpan.FromSeconds(1), // servers that never say 100 get the body after this
        MaxResponseHeadersLength = 1024, // KiB
        InitialHttp2StreamWindowSize = 1024 * 1024,
        RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        ConnectCallback = connect,
    };

    private static void Limit(SocketsHttpHandler handler, ConnectionPool pool)
    {
        if (pool.MaxConnections is { } most) handler.MaxConnectionsPerServer = Math.Max(most, 1);
        if (pool.IdleTimeout is { } idle) handler.PooledConnectionIdleTimeout = idle == TimeSpan.Zero ? Timeout.InfiniteTimeSpan : idle;
        if (pool.MaxConnectionDuration is { } age) handler.PooledConnectionLifetime = age;
        if (pool.Http2KeepAlive is not { } pings) return;
        // The library knows no shorter ones.
        handler.KeepAlivePingDelay = pings.Interval < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : pings.Interval;
        handler.KeepAlivePingTimeout = pings.Timeout < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : pings.Timeout;
        handler.KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always;
    }
}
