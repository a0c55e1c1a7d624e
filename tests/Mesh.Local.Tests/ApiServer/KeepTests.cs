using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Storage;
using Mesh.Testing;

namespace Mesh.Local.Tests.ApiServer;

/// <summary>Objects that outlive their server: what a journal holds, and what a server started with it does.</summary>
public sealed class KeepTests : IDisposable
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";
    private readonly string directory = Directory.CreateTempSubdirectory("mesh-keep-").FullName;

    private string JournalPath => Path.Combine(directory, "kept", "objects");

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public async Task Everything_written_is_there_after_a_restart_and_revisions_go_on()
    {
        string kubeconfig, uid;
        long last;
        await using (var before = await StartAsync())
        {
            await before.DefineAsync(Definition());
            await before.MustAsync("POST", "/apis/example.com/v1/namespaces/default/widgets", Widget());
            uid = (await before.MustAsync("POST", Maps, Map("stays", "1")))["metadata"]!["uid"]!.ToString();
            await before.MustAsync("PUT", Maps + "/stays", Map("stays", "2"));
            await before.MustAsync("POST", Maps, Map("goes", "1"));
            await before.MustAsync("DELETE", Maps + "/goes");
            last = Revision(await before.MustAsync("GET", Maps));
            kubeconfig = Path.Combine(directory, "kubeconfig");
            File.Copy(before.Kubeconfig, kubeconfig);
        }

        await using var after = await StartAsync();
        var list = await after.MustAsync("GET", Maps);
        var stays = list["items"]!.AsArray().Single(item => item!["metadata"]!["name"]!.ToString() == "stays")!;
        Assert.Equal((uid, "2"), (stays["metadata"]!["uid"]!.ToString(), stays["data"]!["k"]!.ToString()));
        Assert.DoesNotContain(list["items"]!.AsArray(), item => item!["metadata"]!["name"]!.ToString() == "goes");
        Assert.True(Revision(list) >= last, $"revision {Revision(list)} after {last}");
        Assert.Equal("Widget", (await after.MustAsync("GET", "/apis/example.com/v1/namespaces/default/widgets/w"))["kind"]!.ToString());
        Assert.True(long.Parse((await after.MustAsync("POST", Maps, Map("new", "1")))["metadata"]!["resourceVersion"]!.ToString()) > last);
        // Who had a certificate of the authority still is who he was.
        using var client = after.NewClient(kubeconfig);
        Assert.Equal(200, (await after.SendAsync("GET", Maps, client: client)).Status);
        Assert.Empty(after.Faults);
    }

    [Fact]
    public async Task A_watch_from_before_a_restart_is_told_to_list_anew()
    {
        long last;
        await using (var before = await StartAsync())
        {
            await before.MustAsync("POST", Maps, Map("a", "1"));
            last = Revision(await before.MustAsync("GET", Maps));
            await before.MustAsync("POST", Maps, Map("b", "1"));
        }

        await using var after = await StartAsync();
        using var watch = await WatchReader.OpenAsync(after, $"{Maps}?watch=true&resourceVersion={last}");
        var told = await watch.NextAsync(Eventually.Patience);
        Assert.Equal(("ERROR", "410"), (told!["type"]!.ToString(), told["object"]!["code"]!.ToString()));
    }

    [Fact]
    public async Task What_was_allocated_stays_taken_and_what_was_ending_ends()
    {
        const string services = "/api/v1/namespaces/default/services";
        string address;
        await using (var before = await StartAsync())
        {
            address = (await before.MustAsync("POST", services, Service("one", null)))["spec"]!["clusterIP"]!.ToString();
            await before.CreateNamespaceAsync("ending");
            var held = Map("held", "1");
            held["metadata"]!["finalizers"] = new JsonArray("example.com/held");
            await before.MustAsync("POST", "/api/v1/namespaces/ending/configmaps", held);
            await before.MustAsync("DELETE", "/api/v1/namespaces/ending");
        }

        await using var after = await StartAsync();
        Assert.Equal(422, (await after.SendAsync("POST", services, Service("two", address))).Status);
        await after.MustAsync("PATCH", "/api/v1/namespaces/ending/configmaps/held", JsonNode.Parse("""{"metadata":{"finalizers":null}}"""), "application/merge-patch+json");
        await Eventually.True(async () => (await after.SendAsync("GET", "/api/v1/namespaces/ending")).Status == 404, "the namespace has gone");
        Assert.Empty(after.Faults);
    }

    [Fact]
    public async Task A_record_that_is_not_whole_at_the_end_is_cut_off_and_nothing_else()
    {
        await using (var server = await StartAsync())
        {
            await server.MustAsync("POST", Maps, Map("first", "1"));
            await server.MustAsync("POST", Maps, Map("second", "1"));
        }

        var whole = File.ReadAllBytes(JournalPath);
        var all = Content(whole);
        for (var cut = 1; cut < 200; cut += 3)
        {
            var left = Content(whole[..^cut]);
            Assert.Equal(["kube-root-ca.crt", "first"], left.Except(["second"]).Where(all.Contains).OrderDescending());
            Assert.DoesNotContain("second", left);
        }
    }

    [Fact]
    public async Task Damage_before_the_end_is_told_and_not_passed_over()
    {
        await using (var server = await StartAsync())
            await server.MustAsync("POST", Maps, Map("first", "1"));
        var bytes = File.ReadAllBytes(JournalPath);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(JournalPath, bytes);
        var problem = Assert.Throws<IOException>(() => Journal.Open(JournalPath));
        Assert.Contains("is damaged at byte", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_journal_of_mostly_history_is_written_anew()
    {
        await using (var server = await StartAsync())
        {
            await server.MustAsync("POST", Maps, Map("large", "0"));
            for (var i = 0; i < 40; i++)
                await server.MustAsync("PUT", Maps + "/large", Map("large", i + new string('x', 1_000_000)));
            Assert.InRange(new FileInfo(JournalPath).Length, 1_000_000, 25_000_000);
        }

        await using var after = await StartAsync();
        Assert.StartsWith("39x", (await after.MustAsync("GET", Maps + "/large"))["data"]!["k"]!.ToString(), StringComparison.Ordinal);
        Assert.InRange(new FileInfo(JournalPath).Length, 1_000_000, 2_000_000);
    }

    private Task<ApiServerFixture> StartAsync() => ApiServerFixture.StartAsync(options => options with
    {
        StateDirectory = Path.Combine(directory, "state"),
        KeepObjectsAt = JournalPath,
    });

    private List<string> Content(byte[] journal)
    {
        var path = Path.Combine(directory, "copy");
        File.WriteAllBytes(path, journal);
        var (opened, content) = Journal.Open(path);
        opened.Dispose();
        return [.. content.Objects.Where(one => one.Id == "configmaps").SelectMany(one => one.Objects).Where(item => item.Namespace == "default").Select(item => item.Name)];
    }

    private static long Revision(JsonNode list) => long.Parse(list["metadata"]!["resourceVersion"]!.ToString());

    private static JsonObject Map(string name, string value) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = name },
        ["data"] = new JsonObject { ["k"] = value },
    };

    private static JsonObject Service(string name, string? address)
    {
        var service = new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = new JsonObject { ["ports"] = new JsonArray(new JsonObject { ["port"] = 80 }) },
        };
        if (address is not null)
            service["spec"]!["clusterIP"] = address;
        return service;
    }

    private static JsonObject Widget() => new()
    {
        ["apiVersion"] = "example.com/v1",
        ["kind"] = "Widget",
        ["metadata"] = new JsonObject { ["name"] = "w" },
    };

    private static JsonNode Definition() => JsonNode.Parse("""
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"widgets.example.com"},
        "spec":{"group":"example.com","scope":"Namespaced","names":{"plural":"widgets","singular":"widget","kind":"Widget","listKind":"WidgetList"},
        "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}]}}
        """)!;
}
