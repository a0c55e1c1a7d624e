using System.Text;
using Mesh.Sidecar.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace Mesh.Sidecar.Http;

// The server's end of the HTTP lanes. What enters: connections from Connections/Lanes. What leaves: exchanges into the
// pipeline, and the bytes of their responses. What never happens here: a decision about a request.

/// <summary>Kestrel without ports, without middleware and without a host: only its HTTP protocols.</summary>
public static class LaneServer
{
    // Envoy's limit for request headers; past it the answer is 431.
    private const int MaxHeaderBytes = 60 * 1024;

    private const string NoLineFeeds = "Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators";

    /// <summary>A server over these lanes; start it with the application that makes exchanges.</summary>
    public static KestrelServer Create(Lanes lanes, DrainGate drain, IServiceProvider services, ILoggerFactory loggers)
    {
        AppContext.SetSwitch(NoLineFeeds, true); // a lone LF ends a line for some readers only
        var options = new KestrelServerOptions { ApplicationServices = services };
        Configure(options);
        options.Listen(LaneEndPoint.Http1, lane => Lane(lane, HttpProtocols.Http1, drain));
        options.Listen(LaneEndPoint.Http2, lane => Lane(lane, HttpProtocols.Http2, drain));
        return new KestrelServer(Options.Create(options), lanes, loggers);
    }

    /// <summary>Every default that would break somebody's traffic in silence; a proxy may not have an opinion on these.</summary>
    internal static void Configure(KestrelServerOptions options)
    {
        options.AddServerHeader = false;
        options.AllowHostHeaderOverride = false; // a target that names another host than Host does is refused, not guessed at
        options.AllowSynchronousIO = false;
        options.AllowAlternateSchemes = true; // mutual TLS is ours to see: a caller may say https or http
        options.RequestHeaderEncodingSelector = static _ => Encoding.Latin1; // bytes in, the same bytes out
        options.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1;

        var limits = options.Limits;
        limits.MaxRequestBodySize = null;
        limits.MinRequestBodyDataRate = null; // slow uploads and idle streams are the application's business
        limits.MinResponseDataRate = null;
        limits.KeepAliveTimeout = TimeSpan.FromHours(1);
        limits.RequestHeadersTimeout = TimeSpan.FromMinutes(1);
        limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
        limits.MaxRequestHeaderCount = 1000;
        limits.MaxRequestLineSize = MaxHeaderBytes;
        limits.MaxConcurrentConnections = null;
        limits.MaxConcurrentUpgradedConnections = null;
        limits.Http2.MaxStreamsPerConnection = 1024;
        limits.Http2.MaxRequestHeaderFieldSize = MaxHeaderBytes;
        limits.Http2.InitialConnectionWindowSize = 4 * 1024 * 1024;
        limits.Http2.InitialStreamWindowSize = 1024 * 1024;
    }

    private static void Lane(ListenOptions lane, HttpProtocols protocol, DrainGate drain)
    {
        lane.Protocols = protocol;
        lane.Use(next => connection => drain.TrackAsync(connection, next));
    }
}
