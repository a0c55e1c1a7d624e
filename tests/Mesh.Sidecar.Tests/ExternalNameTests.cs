using System.Net;
using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;
using Mesh.Testing;
using Microsoft.AspNetCore.Http;

namespace Mesh.Sidecar.Tests;

/// <summary>Services whose endpoints DNS names.</summary>
public sealed class ExternalNameTests
{
    [Fact]
    public async Task A_request_goes_where_the_name_resolves_to()
    {
        await using var app = await TestApp.StartAsync(context => context.Response.WriteAsync(context.Request.Host.Value!));
        await using var sidecar = await TestSidecar.StartAsync(External("localhost", app.Port));
        sidecar.Destination = new IPEndPoint(IPAddress.Parse("10.96.0.9"), 9080);
        using var client = sidecar.Client();

        // The lookup begins with the config; a request may be faster.
        await Eventually.Passes(async () => Assert.Equal("external", await client.GetStringAsync("http://external/")), "the name resolves");
    }

    [Fact]
    public async Task A_name_that_does_not_resolve_is_503_UH_DF_and_says_so()
    {
        await using var sidecar = await TestSidecar.StartAsync(External("no-such-host.invalid", 80), logged: true);
        using var client = sidecar.Client();

        var response = await client.GetAsync("http://external/");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("no-such-host.invalid", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var line = (await sidecar.LogLinesAsync(1))[0];
        Assert.Contains("UH", line, StringComparison.Ordinal);
        Assert.Contains("DF", line, StringComparison.Ordinal);
    }

    private static SidecarConfig External(string name, int port)
    {
        var config = new SidecarConfig().WithService("external", 9080, AppProtocol.Http);
        return config with
        {
            // The port asked for at the endpoint is the Service's own; here the test's server has whichever the kernel gave.
            Clusters = [.. config.Clusters.Select(cluster => cluster with { Discovery = Discovery.Dns, DnsName = name, Port = port })],
        };
    }
}
