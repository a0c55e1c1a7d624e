using System.Net;
using Mesh.Config;
using Mesh.Sidecar.Routing;
using Mesh.Sidecar.Tests.Hosting;
using Microsoft.AspNetCore.Http;

namespace Mesh.Sidecar.Tests.Filters;

public sealed class HeaderChangesTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void First_removed_then_set_then_added()
    {
        HeaderList headers = new() { { "a", "1" }, { "b", "2" }, { "c", "3" } };
        var edits = HeaderEdits.OfRequest(new HeaderChanges { RequestRemove = ["a"], RequestSet = [new("a", "set"), new("b", "set")], RequestAdd = [new("a", "added"), new("c", "added")] });

        edits!.Apply(headers, TestExchange.Of(headers: headers));

        Assert.Equal(["c=3", "a=set", "b=set", "a=added", "c=added"], headers.Select(line => $"{line.Key}={line.Value}"));
    }

    [Fact]
    public void No_changes_are_no_object() => Assert.Null(HeaderEdits.OfResponse(new HeaderChanges { RequestRemove = ["a"] }));

    [Fact]
    public void What_frames_a_message_is_left_alone()
    {
        HeaderList headers = new() { { "content-length", "5" } };
        var edits = HeaderEdits.OfRequest(new HeaderChanges { RequestRemove = ["content-length"], RequestSet = [new("transfer-encoding", "chunked"), new("x-a", "1")], RequestAdd = [new("connection", "x-a")] });

        edits!.Apply(headers, TestExchange.Of(headers: headers));

        Assert.Equal(["content-length=5", "x-a=1"], headers.Select(line => $"{line.Key}={line.Value}"));
    }

    [Theory]
    [InlineData("%UPSTREAM_METADATA(a)%", null)]
    [InlineData("100%%", "100%")]
    [InlineData("%REQ(:method)% %REQ(:path)%", "GET /a?b=c")]
    [InlineData("%REQ(x-absent?:authority)%", "reviews:9080")]
    [InlineData("%REQ(user-agent):4%", "curl")]
    [InlineData("%PROTOCOL%", "HTTP/1.1")]
    [InlineData("to %REQ(x-absent)%", "to ")]
    [InlineData("%REQ(x-absent)%", null)]
    [InlineData("J\u00fcrgen", "J\u00c3\u00bcrgen")] // UTF-8, a byte as one character
    public void Operators_are_filled_in_and_what_is_empty_is_not_written(string value, string? expected)
    {
        HeaderList headers = new() { { "user-agent", "curl/8" } };
        var edits = HeaderEdits.OfRequest(new HeaderChanges { RequestSet = [new("x-new", value)] });

        edits!.Apply(headers, TestExchange.Of(target: "/a?b=c", headers: headers));

        Assert.Equal(expected, headers.Get("x-new"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task The_route_changes_headers_first_and_the_destination_after_it(int major)
    {
        await using var app = await TestApp.StartAsync(c =>
        {
            c.Response.Headers["x-of-app"] = "1";
            c.Response.Headers["x-kept"] = "1";
            return c.Response.WriteAsync($"{c.Request.Headers["x-who"]}|{c.Request.Headers["x-old"]}|{c.Request.Headers["x-more"]}");
        });
        var ofRoute = new HeaderChanges { RequestSet = [new("x-who", "route")], RequestRemove = ["x-old"], ResponseRemove = ["x-of-app"], ResponseSet = [new("x-from", "route"), new("x-status", "%RESPONSE_CODE% %RESP(x-kept)%")] };
        var ofDestination = new HeaderChanges { RequestSet = [new("x-who", "destination")], RequestAdd = [new("x-more", "2")], ResponseAdd = [new("x-from", "destination")] };
        var config = new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http, app.Port)
            .WithRoute("reviews", route => route with { Headers = ofRoute, Destinations = [route.Destinations[0] with { Headers = ofDestination }] });
        await using var sidecar = await TestSidecar.StartAsync(config);
        using var client = sidecar.Client(new Version(major, major == 1 ? 1 : 0));
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://reviews/");
        request.Version = new Version(major, major == 1 ? 1 : 0);
        request.Headers.Add("x-old", "1");
        request.Headers.Add("x-more", "1");

        using var response = await client.SendAsync(request, Cancel);

        Assert.Equal("destination||1, 2", await response.Content.ReadAsStringAsync(Cancel));
        Assert.Equal(["route", "destination"], response.Headers.GetValues("x-from"));
        Assert.Equal("200 1", response.Headers.GetValues("x-status").Single());
        Assert.False(response.Headers.Contains("x-of-app"));
    }

    [Fact]
    public async Task Setting_the_host_changes_where_the_request_says_it_goes()
    {
        await using var app = await TestApp.StartAsync(c => c.Response.WriteAsync(c.Request.Host.Value!));
        var config = new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http, app.Port)
            .WithRoute("reviews", route => route with { Headers = new HeaderChanges { RequestSet = [new("host", "other")] } });
        await using var sidecar = await TestSidecar.StartAsync(config);
        using var client = sidecar.Client();

        Assert.Equal("other", await client.GetStringAsync("http://reviews/", Cancel));
    }

    [Fact]
    public async Task The_sidecar_s_own_answers_carry_the_route_s_headers_too()
    {
        var config = new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http, RawServer.ClosedPort())
            .WithRoute("reviews", route => route with { Headers = new HeaderChanges { ResponseSet = [new("x-flags", "%RESPONSE_FLAGS%")] } });
        await using var sidecar = await TestSidecar.StartAsync(config);
        using var client = sidecar.Client();

        using var response = await client.GetAsync("http://reviews/", Cancel);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("UF", response.Headers.GetValues("x-flags").Single());
    }
}
