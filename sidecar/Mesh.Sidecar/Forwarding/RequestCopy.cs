using System.Net;
using System.Net.Http.Headers;
using Mesh.Sidecar.Config;
using Microsoft.Extensions.Primitives;

namespace Mesh.Sidecar.Forwarding;

/// <summary>A request as its steps left it, kept apart from the exchange it was made of: nothing of it lives on after the exchange.</summary>
public sealed class RequestCopy
{
    private readonly string method;
    private readonly string authority;
    private readonly string target;
    private readonly Version version;
    private readonly List<KeyValuePair<string, string>> headers = [];

    /// <summary>Copies the head.</summary>
    /// <param name="exchange">The request.</param>
    /// <param name="cluster">Where the copy goes.</param>
    /// <param name="hash">The client's key, where the cluster balances by one.</param>
    public RequestCopy(Exchange exchange, CompiledCluster cluster, ulong? hash)
    {
        Cluster = cluster;
        Hash = hash;
        Source = exchange.DownstreamRemote;
        Destination = exchange.OriginalDestination;
        Timeout = exchange.Limits.Timeout;
        method = exchange.Method;
        authority = exchange.Authority;
        target = exchange.Path + exchange.Query;
        version = Forwarder.SpeaksHttp2(exchange, cluster) ? HttpVersion.Version20 : HttpVersion.Version11;
        StringValues connection = exchange.Headers.Get("connection");
        foreach (var line in exchange.Headers)
        {
            if (!TryTransformer.OfOneConnection(line.Key, connection) && !IsOfBody(line.Key)) headers.Add(line);
        }

        if (version.Major == 2 && exchange.Headers.Get("te")?.Contains("trailers", StringComparison.OrdinalIgnoreCase) == true) headers.Add(new("TE", "trailers"));
    }

    /// <summary>Where it goes.</summary>
    public CompiledCluster Cluster { get; set; }

    /// <summary>The client's key, where the cluster balances by one.</summary>
    public ulong? Hash { get; }

    /// <summary>Who sent the request.</summary>
    public IPEndPoint? Source { get; }

    /// <summary>Where the connection of the request was going to.</summary>
    public IPEndPoint? Destination { get; }

    /// <summary>How long the request itself may take; <c>null</c>: as long as it likes.</summary>
    public TimeSpan? Timeout { get; }

    /// <summary>Whether it is sent in HTTP/2.</summary>
    public bool IsHttp2 => version.Major == 2;

    /// <summary>The body; <c>null</c> without.</summary>
    public ReadOnlyMemory<byte>? Body { get; init; }

    /// <summary>The same with this body.</summary>
    public static RequestCopy WithBody(RequestCopy copy, ReadOnlyMemory<byte> body) => new(copy, body);

    /// <summary>Whom it is for.</summary>
    public string Authority => authority;

    /// <summary>The message that carries it to a member.</summary>
    public HttpRequestMessage MessageTo(string prefix)
    {
        var message = new HttpRequestMessage(new HttpMethod(method), new Uri(prefix + target, TryTransformer.AsItIs))
        {
            Version = version,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = Body is { } body ? new ReadOnlyMemoryContent(body) : null,
        };
        if (authority.Length > 0) message.Headers.TryAddWithoutValidation("Host", authority);
        foreach (var (name, value) in headers)
        {
            if (!message.Headers.TryAddWithoutValidation(name, value)) ContentHeaders(message).TryAddWithoutValidation(name, value);
        }

        return message;
    }

    private RequestCopy(RequestCopy copy, ReadOnlyMemory<byte> body)
    {
        (method, authority, target, version, headers) = (copy.method, copy.authority, copy.target, copy.version, copy.headers);
        (Cluster, Hash, Source, Destination, Timeout, Body) = (copy.Cluster, copy.Hash, copy.Source, copy.Destination, copy.Timeout, body);
    }

    // Content-Type and its kin can only stand with a content, also where there is no body.
    private static HttpContentHeaders ContentHeaders(HttpRequestMessage message) => (message.Content ??= new ReadOnlyMemoryContent(default)).Headers;

    // Its length is known by now, and nobody needs to be asked for it.
    private static bool IsOfBody(string name) =>
        name.Equals("content-length", StringComparison.OrdinalIgnoreCase) || name.Equals("expect", StringComparison.OrdinalIgnoreCase);
}
