using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Mesh.Testing;

namespace Mesh.Local.Tests.ApiServer;

/// <summary>Many objects, large ones, and clients that do not read or do not finish: nobody else suffers.</summary>
public sealed class PressureTests
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";

    [Fact]
    public async Task Pages_of_many_objects_show_one_state_whatever_is_written_meanwhile()
    {
        const int count = 1200;
        await using var server = await ApiServerFixture.StartAsync();
        await Parallel.ForAsync(0, count, async (i, _) => await server.MustAsync("POST", Maps, Map(Name(i), "1", many: true)));
        var seen = new List<string>();
        var next = "";
        do
        {
            var page = await server.MustAsync("GET", $"{Maps}?limit=100&labelSelector=many{(next.Length > 0 ? "&continue=" + next : "")}");
            seen.AddRange(page["items"]!.AsArray().Select(item => item!["metadata"]!["name"]!.ToString()));
            next = page["metadata"]!["continue"]?.GetValue<string>() ?? "";
            await server.MustAsync("DELETE", $"{Maps}/{Name(count - 1 - (seen.Count / 100))}");
            await server.MustAsync("POST", Maps, Map($"new-{seen.Count}", "1", many: true));
        }
        while (next.Length > 0);
        Assert.Equal(Enumerable.Range(0, count).Select(Name), seen);
    }

    [Fact]
    public async Task A_watcher_of_a_quiet_namespace_is_not_left_behind_by_the_others()
    {
        await using var server = await ApiServerFixture.StartAsync(options => options with { WatchWindow = 64 });
        await server.CreateNamespaceAsync("quiet");
        var revision = (await server.MustAsync("GET", "/api/v1/configmaps?limit=1"))["metadata"]!["resourceVersion"];
        using var watch = await WatchReader.OpenAsync(server, $"/api/v1/namespaces/quiet/configmaps?watch=true&resourceVersion={revision}&labelSelector=many");
        for (var i = 0; i < 500; i++)
            await server.MustAsync("POST", Maps, Map(Name(i), "1"));
        await server.MustAsync("POST", "/api/v1/namespaces/quiet/configmaps", Map("at-last", "1", many: true));
        var told = await watch.NextAsync(Eventually.Patience);
        Assert.Equal(("ADDED", "at-last"), (told!["type"]!.ToString(), told["object"]!["metadata"]!["name"]?.ToString()));
    }

    [Fact]
    public async Task A_watcher_that_does_not_read_holds_nobody_up_and_is_told_to_list_anew()
    {
        await using var server = await ApiServerFixture.StartAsync(options => options with { WatchWindow = 32 });
        var revision = (await server.MustAsync("GET", Maps))["metadata"]!["resourceVersion"];
        using var stalled = await WatchReader.OpenAsync(server, $"{Maps}?watch=true&resourceVersion={revision}");
        using var reading = await WatchReader.OpenAsync(server, $"{Maps}?watch=true&resourceVersion={revision}");
        var large = new string('x', 400_000);
        await server.MustAsync("POST", Maps, Map("large", "0"));
        for (var i = 0; i < 120; i++)
        {
            await server.MustAsync("PUT", Maps + "/large", Map("large", i.ToString(CultureInfo.InvariantCulture) + large));
            Assert.NotEqual("ERROR", (await reading.NextAsync(Eventually.Patience))!["type"]!.ToString());
        }

        JsonNode? told;
        do
            told = await stalled.NextAsync(Eventually.Patience);
        while (told!["type"]!.ToString() != "ERROR");
        Assert.Equal("410", told["object"]!["code"]!.ToString());
    }

    [Fact]
    public async Task An_object_larger_than_etcd_takes_is_refused_in_its_words()
    {
        await using var server = await ApiServerFixture.StartAsync();
        await server.DefineAsync(JsonNode.Parse("""
            {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"boxes.example.com"},
            "spec":{"group":"example.com","scope":"Namespaced","names":{"plural":"boxes","singular":"box","kind":"Box","listKind":"BoxList"},
            "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"data":{"type":"string"}}}}}]}}
            """)!);
        JsonObject Box(int size) => new()
        {
            ["apiVersion"] = "example.com/v1",
            ["kind"] = "Box",
            ["metadata"] = new JsonObject { ["name"] = "box" },
            ["data"] = new string('x', size),
        };
        const string boxes = "/apis/example.com/v1/namespaces/default/boxes";
        var refused = await server.SendAsync("POST", boxes, Box(1_600_000));
        Assert.Equal((500, "etcdserver: request is too large"), (refused.Status, refused.Message));
        Assert.Equal(404, (await server.SendAsync("GET", boxes + "/box")).Status);
        Assert.Equal(413, (await server.SendAsync("POST", boxes, Box(3_200_000))).Status);
        Assert.Equal(201, (await server.SendAsync("POST", boxes, Box(1_400_000))).Status);
    }

    [Fact]
    public async Task A_request_that_stops_coming_is_given_up_and_others_are_answered_meanwhile()
    {
        await using var server = await ApiServerFixture.StartAsync(options => options with { RequestTimeout = TimeSpan.FromSeconds(1.5) });
        using var socket = new TcpClient();
        await socket.ConnectAsync(server.Url.Host, server.Url.Port);
        await using var stream = new SslStream(socket.GetStream(), false, (_, _, _, _) => true);
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", ClientCertificates = [ApiServerFixture.CertificateOf(server.Kubeconfig)] });
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST {Maps} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{\"metadata\":"));
        Assert.Equal(200, (await server.SendAsync("GET", Maps)).Status);
        using var answer = new StreamReader(stream);
        Assert.Equal("HTTP/1.1 504 Gateway Timeout", await answer.ReadLineAsync().WaitAsync(Eventually.Patience));
    }

    private static string Name(int i) => $"map-{i:0000}";

    private static JsonObject Map(string name, string value, bool many = false) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = many ? new JsonObject { ["many"] = "yes" } : null },
        ["data"] = new JsonObject { ["k"] = value },
    };
}
