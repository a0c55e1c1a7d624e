using System.Text.Json.Nodes;
using Mesh.Config;
using Mesh.Sidecar;
using Mesh.Sidecar.Routing;

namespace Mesh.Operator.Core.Tests;

public sealed class GoldenTests
{
    public static TheoryData<string> Cases() => [.. GoldenCase.Names()];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Input_gives_the_expected_configs_and_statuses(string name)
    {
        var golden = new GoldenCase(name);
        var expected = golden.Expected().ToList();
        if (GoldenCase.Rewrites)
        {
            foreach (var stale in golden.Present()) File.Delete(stale);
            foreach (var (path, content) in expected)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.WriteAllText(path, content);
            }
        }

        foreach (var (path, content) in expected)
        {
            Assert.True(File.Exists(path), $"{path} is missing: run `make golden` and look at the diff");
            Assert.Equal(File.ReadAllText(path), content);
        }

        Assert.Empty(golden.Present().Except(expected.Select(file => file.Path)));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Sidecars_take_what_they_are_told(string name)
    {
        foreach (var pod in new GoldenCase(name).Plan.Pods.Values) Sidecars.Read(pod);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Requests_go_where_the_case_says(string name)
    {
        var golden = new GoldenCase(name);
        Assert.All(golden.Requests(), request => Assert.Equal(request["expect"]!.ToJsonString(), Answer(golden, request).ToJsonString()));
    }

    // The clusters drawn from, or the sidecar's own answer; the way is the sidecar's, its table and its matchers.
    private static JsonObject Answer(GoldenCase golden, JsonNode request)
    {
        var config = Sidecars.Read(golden.PodOf(request["from"]!.ToString()));
        var authority = request["to"]!.ToString();
        var port = (request["port"] ?? authority.Split(':')[^1]).ToString();
        var exchange = ExchangeOf(config, request, authority);
        if (config.Routes.SingleOrDefault(table => table.Name == port) is not { } told
            || new CompiledRouteTable(told).FindVirtualHost(authority) is not { } host)
            return new JsonObject { ["unknownHost"] = true };
        if (host.Match(exchange) is not { } route) return new JsonObject { ["status"] = 404 };
        if (route.Config.Broken is { } broken) return new JsonObject { ["status"] = broken.Status };
        if (route.Config.Redirect is { } redirect) return new JsonObject { ["redirect"] = redirect.Status, ["path"] = redirect.Path, ["prefix"] = redirect.Prefix };
        if (route.Config.DirectResponse is { } direct) return new JsonObject { ["direct"] = direct.Status };
        var clusters = route.Config.Destinations.Select(destination => (JsonNode?)JsonValue.Create(
            destination.Broken is { } missing ? $"{missing.Status} {destination.Cluster}" : destination.Cluster));
        var answer = new JsonObject { ["clusters"] = new JsonArray([.. clusters]) };
        Add(answer, request, "route", () => route.Config.Name);
        Add(answer, request, "rewrite", () => Rewrite(route.Config.Rewrite));
        Add(answer, request, "mirrors", () => new JsonArray([.. route.Config.Mirrors.Select(mirror => (JsonNode?)JsonValue.Create(mirror.Cluster))]));
        Add(answer, request, "splitBy", () => route.Config.SplitBy?.Header ?? "");
        return answer;
    }

    // What the case does not ask for is not compared.
    private static void Add(JsonObject answer, JsonNode request, string member, Func<JsonNode?> value)
    {
        if (request["expect"]![member] is not null) answer[member] = value();
    }

    private static JsonObject Rewrite(Rewrite? rewrite)
    {
        var told = new JsonObject();
        if (rewrite?.Path is not null) told["path"] = rewrite.Path;
        told["prefix"] = rewrite?.Prefix;
        if (rewrite?.Authority is not null) told["authority"] = rewrite.Authority;
        return told;
    }

    private static Exchange ExchangeOf(ProxyConfig config, JsonNode request, string authority)
    {
        var raw = request["path"]?.ToString() ?? "/";
        Assert.True(RequestTarget.TryParse(raw, config.Mesh.PathNormalization, out var target));
        var headers = new HeaderList();
        foreach (var (header, value) in request["headers"]?.AsObject() ?? []) headers.Append(header, value?.ToString() ?? "");
        return new Exchange
        {
            Direction = Direction.Outbound,
            Snapshot = null!, // routes are chosen by the request alone
            Method = request["method"]?.ToString() ?? "GET",
            Authority = authority,
            Path = target.Path,
            Query = target.Query,
            Headers = headers,
        };
    }
}
