using System.Net;
using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;
using Microsoft.AspNetCore.Http;

namespace Mesh.Sidecar.Tests;

public sealed class HttpTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_to_a_service_reaches_its_endpoint_by_its_Host_header()
    {
        await using var app = await TestApp.StartAsync(c => c.Response.WriteAsync($"{c.Request.Method} {c.Request.Path} for {c.Request.Host}"));
        await using var sidecar = await TestSidecar.StartAsync(new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http, app.Port));
        using var client = sidecar.Client();

        Assert.Equal("GET /a/b for reviews:9080", await client.GetStringAsync("http://reviews:9080/a/b", Cancel));
    }

    [Fact]
    public async Task An_inbound_request_reaches_the_application_from_the_inbound_source_address()
    {
        await using var app = await TestApp.StartAsync(c => c.Response.WriteAsync($"{c.Connection.RemoteIpAddress} {c.Request.Host}"));
        await using var sidecar = await TestSidecar.StartAsync(new SidecarConfig().WithInbound(app.Port, AppProtocol.Http));
        sidecar.Destination = new IPEndPoint(IPAddress.Loopback, app.Port);
        using var client = sidecar.InboundClient();

        Assert.Equal("127.0.0.6 anything", await client.GetStringAsync("http://anything/", Cancel));
    }
}
