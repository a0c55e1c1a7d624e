using System.Net;
using System.Text;
using Mesh.Sidecar.Forwarding;
using Mesh.Sidecar.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Sidecar.Tests;

/// <summary>Defaults of the two ends that would break somebody's traffic in silence, each set on purpose.</summary>
public sealed class DefaultsTests
{
    [Fact]
    public void The_server_limits_nothing_that_is_the_applications_business()
    {
        var options = new KestrelServerOptions();
        LaneServer.Configure(options);

        Assert.False(options.AddServerHeader);
        Assert.False(options.AllowHostHeaderOverride);
        Assert.Same(Encoding.Latin1, options.RequestHeaderEncodingSelector("any"));
        Assert.Same(Encoding.Latin1, options.ResponseHeaderEncodingSelector("any"));
        Assert.Null(options.Limits.MaxRequestBodySize);
        Assert.Null(options.Limits.MinRequestBodyDataRate);
        Assert.Null(options.Limits.MinResponseDataRate);
        Assert.Equal(TimeSpan.FromHours(1), options.Limits.KeepAliveTimeout);
        Assert.Equal(60 * 1024, options.Limits.MaxRequestHeadersTotalSize);
        Assert.Equal(60 * 1024, options.Limits.MaxRequestLineSize);
        Assert.Equal(1024, options.Limits.Http2.MaxStreamsPerConnection);
        Assert.Equal(60 * 1024, options.Limits.Http2.MaxRequestHeaderFieldSize);
        Assert.Equal(1024 * 1024, options.Limits.Http2.InitialStreamWindowSize);
        Assert.Equal(4 * 1024 * 1024, options.Limits.Http2.InitialConnectionWindowSize);
        Assert.Null(options.Limits.MaxConcurrentConnections);
        Assert.Null(options.Limits.MaxConcurrentUpgradedConnections);
    }

    [Fact]
    public void The_client_neither_follows_nor_decodes_nor_keeps_nor_queues()
    {
        using var handler = UpstreamClient.CreateHandler((_, _) => throw new InvalidOperationException("not dialled here"));

        Assert.False(handler.UseProxy);
        Assert.False(handler.UseCookies);
        Assert.False(handler.AllowAutoRedirect);
        Assert.Equal(DecompressionMethods.None, handler.AutomaticDecompression);
        Assert.Null(handler.ActivityHeadersPropagator);
        Assert.True(handler.EnableMultipleHttp2Connections);
        Assert.Equal(int.MaxValue, handler.MaxConnectionsPerServer);
        Assert.Equal(Timeout.InfiniteTimeSpan, handler.PooledConnectionLifetime);
        Assert.Equal(TimeSpan.FromHours(1), handler.PooledConnectionIdleTimeout);
        Assert.Equal(TimeSpan.FromSeconds(1), handler.Expect100ContinueTimeout);
        Assert.Equal(1024, handler.MaxResponseHeadersLength);
        Assert.Same(Encoding.Latin1, handler.RequestHeaderEncodingSelector!("any", new HttpRequestMessage()));
        Assert.Same(Encoding.Latin1, handler.ResponseHeaderEncodingSelector!("any", new HttpRequestMessage()));
    }
}
