using System.Collections.Immutable;
using System.Net;
using Mesh.Config.Identity;
using Mesh.Sidecar.Balancing;
using Mesh.Sidecar.Config;
using Mesh.Sidecar.Connections;
using Mesh.Sidecar.Filters;
using Mesh.Sidecar.Forwarding;
using Mesh.Sidecar.Http;
using Mesh.Sidecar.Routing;
using Mesh.Sidecar.Telemetry;

namespace Mesh.Sidecar;

// One request on its way, the only thing a step of the pipeline sees. The lanes fill in who asks for what; the steps add
// what was decided; telemetry reads it at the end. A step stops the way only through Reject. What never happens here: I/O,
// or a type of the server or the client that carry the bytes.

/// <summary>The state of one request.</summary>
public sealed class Exchange
{
    /// <summary>Which way it goes.</summary>
    public required Direction Direction { get; init; }

    /// <summary>The config in force when the request arrived; every step of this request reads this one.</summary>
    public required ProxySnapshot Snapshot { get; init; }

    /// <summary>Request method as sent.</summary>
    public required string Method { get; init; }

    /// <summary><c>http</c> or <c>https</c>.</summary>
    public string Scheme { get; init; } = "http";

    /// <summary>Host header or <c>:authority</c> as sent, port included.</summary>
    public required string Authority { get; set; }

    /// <summary>Path, normalised once (see <see cref="RequestTarget"/>): this very string is matched and sent.</summary>
    public required string Path { get; set; }

    /// <summary>Query with its leading <c>?</c>, as sent; empty without.</summary>
    public string Query { get; set; } = "";

    /// <summary>Protocol as the access log names it: <c>HTTP/1.1</c>, <c>HTTP/2</c>.</summary>
    public string Protocol { get; init; } = "HTTP/1.1";

    /// <summary>Request headers; steps may change them.</summary>
    public required IHeaders Headers { get; init; }

    /// <summary>Where the connection wanted to go before it was captured; <c>null</c> when it was not captured.</summary>
    public IPEndPoint? OriginalDestination { get; init; }

    /// <summary>Address of the caller.</summary>
    public IPEndPoint? DownstreamRemote { get; init; }

    /// <summary>Address the caller reached us on.</summary>
    public IPEndPoint? DownstreamLocal { get; init; }

    /// <summary>Who the caller is, proved by mutual TLS of the mesh; <c>null</c> in clear text, and for the own application.</summary>
    public MutualTlsPeer? MutualTls { get; init; }

    /// <summary>The caller's identity, as policies ask for it; <c>null</c> in clear text.</summary>
    public SpiffeId? PeerIdentity => MutualTls?.Id;

    /// <summary>Server name of the connection's TLS; empty without.</summary>
    public string ServerName { get; init; } = "";

    /// <summary>The lane's end, which carries the bytes; <c>null</c> only where a step is looked at by itself.</summary>
    public ServerCall? Call { get; init; }

    /// <summary>Virtual host found; <c>null</c> before, or when there is none.</summary>
    public CompiledVirtualHost? VirtualHost { get; set; }

    /// <summary>Route chosen; <c>null</c> before, or when none matches.</summary>
    public CompiledRoute? Route { get; set; }

    /// <summary>Destination of the route drawn for this request; <c>null</c> before, and where there is no choice.</summary>
    public CompiledDestination? Destination { get; set; }

    /// <summary>Origin that a browser named and the route's CORS policy lets in; <c>null</c> otherwise.</summary>
    public string? CorsOrigin { get; set; }

    /// <summary>Whether any step has something to say about the headers of the answer.</summary>
    internal bool EditsResponse => Route?.ResponseHeaders is not null || Destination?.ResponseHeaders is not null || CorsOrigin is not null;

    /// <summary>Name of the cluster drawn for this request, also when that cluster does not exist; empty before.</summary>
    public string ClusterName { get; set; } = "";

    /// <summary>Cluster drawn for this request.</summary>
    public CompiledCluster? Cluster { get; set; }

    /// <summary>Member of the current (last) try.</summary>
    public CompiledEndpoint? Endpoint { get; set; }

    /// <summary>Members of the tries before the current one; retries prefer others.</summary>
    public TriedEndpoints Tried { get; } = new();

    /// <summary>By when the whole request, all tries included, must have its answer.</summary>
    public Deadline Deadline { get; set; }

    /// <summary>Time and tries of this request.</summary>
    public RequestLimits Limits { get; set; } = new(null, RetryTerms.None);

    /// <summary>What came of the last try.</summary>
    public TryResult LastTry { get; set; }

    /// <summary>Tries made so far; 1 without retries.</summary>
    public int Attempts { get; set; }

    /// <summary>Flags gathered on the way.</summary>
    public ResponseFlag Flags { get; set; }

    /// <summary>The answer the sidecar gives itself; <c>null</c> while the request is on its way.</summary>
    public Rejection? Rejection { get; private set; }

    /// <summary>Cookies made for this client; the response carries them.</summary>
    public ImmutableArray<GivenCookie> GivenCookies { get; private set; } = [];

    /// <summary>Time marks, for log and metrics.</summary>
    public ExchangeTimes Times { get; } = new();

    /// <summary>The response shall give the client this cookie.</summary>
    public void GiveCookie(GivenCookie cookie) => GivenCookies = GivenCookies.Add(cookie);

    /// <summary>Stops the way with an answer of our own. The first rejection stands; flags add up.</summary>
    public void Reject(int status, ResponseFlag flag, string message)
    {
        Flags |= flag;
        Rejection ??= new Rejection(status, flag, message);
    }

    /// <summary>The same with more to say than a sentence.</summary>
    public void Reject(Rejection rejection)
    {
        Flags |= rejection.Flag;
        Rejection ??= rejection;
    }
}
