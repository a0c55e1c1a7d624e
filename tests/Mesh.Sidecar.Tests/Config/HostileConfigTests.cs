using System.Collections.Immutable;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Mesh.Config;
using Mesh.Sidecar.Balancing;
using Mesh.Sidecar.Config;

namespace Mesh.Sidecar.Tests.Config;

public sealed class HostileConfigTests
{
    private static readonly TestConfig Rich = new()
    {
        Outbound = new OutboundConfig
        {
            Listeners =
            [
                new OutboundListener { Port = 9080, Protocol = AppProtocol.Http, RouteTable = "9080" },
                new OutboundListener { Port = 9081, Addresses = ["10.1.0.1", "fd00::1"], Protocol = AppProtocol.Tcp, TcpDestinations = [To("v1", 1), To("v2", 3)] },
                new OutboundListener { Port = 443, Protocol = AppProtocol.Tls, TlsRoutes = [new TlsRoute { SniHosts = ["a.com", "*.b.com"], Destinations = [To("v2", 1)] }] },
            ],
        },
        Routes =
        [
            TestConfig.TableOf(
                new Mesh.Config.Route
                {
                    Name = "all",
                    Matches =
                    [
                        new RequestMatch
                        {
                            Path = Match(StringMatchKind.Regex, "/a[0-9]+"), Method = Match(StringMatchKind.Exact, "GET"),
                            Headers = [new NamedMatch { Name = "end-user", Value = Match(StringMatchKind.Prefix, "ja"), Invert = true }],
                            QueryParameters = [new NamedMatch { Name = "q" }],
                        },
                    ],
                    Destinations = [To("v1", 90), To("v2", 10)],
                    Timeout = TimeSpan.FromSeconds(1),
                    Retry = new RetryPolicy { Attempts = 2, RetryOn = [RetryCondition.FiveXx], StatusCodes = [404], PerTryTimeout = TimeSpan.FromSeconds(0.1) },
                },
                new Mesh.Config.Route { Broken = new BrokenRoute { Status = 503, Message = "broken" } }),
        ],
    };

    private static readonly string[] Texts =
    [
        "", "*", "a", "A", "(", "[", "::", "::1", "10.0.0.1", "0", "-1", "999999999999", "1s", "-1s", "9e99s", "NaN", "9080", "v1", "Regex", "Exact",
        "Dns", "Http2", "OriginalDestination", TestConfig.Host, TestConfig.ClusterName("v1"), "PassthroughCluster", "\0", "é", new string('x', 5000),
    ];

    private static readonly double[] Numbers = [-1, 0, 1, 2, 3, 65535, 65536, int.MaxValue, int.MinValue, 1e18, 1e300, 0.5];

    [Fact]
    public void A_config_is_refused_or_can_be_served_whatever_stands_in_it()
    {
        var random = new Random(17);
        var taken = 0;
        for (var turn = 0; turn < 400; turn++)
        {
            var document = Spoil(random);
            var loader = new TestLoader();
            if (loader.Loader.Load(document) == LoadOutcome.Refused)
            {
                Assert.NotEmpty(loader.State.Report.Refused!.Problems);
                Assert.All(loader.State.Report.Refused.Problems, problem => Assert.NotEmpty(problem.Message));
                continue;
            }

            taken++;
            Serve(loader.State.Current!, random);
        }

        // The test would say nothing if every spoilt config were refused.
        Assert.InRange(taken, 20, 380);
    }

    private static void Serve(ProxySnapshot snapshot, Random random)
    {
        var picker = new EndpointPicker(random);
        foreach (var address in new[] { "10.1.0.1", "::1", "10.9.9.9" })
        {
            foreach (var port in new[] { 9080, 9081, 443, 1 })
            {
                var destination = new IPEndPoint(IPAddress.Parse(address), port);
                var listener = snapshot.FindOutbound(destination);
                listener?.FindTls("x.b.com", destination.Address)?.Draw(random);
                listener?.TcpDestinations(destination.Address).Draw(random);
                snapshot.FindInbound(port).Route.Matches(TestExchange.Of(snapshot: snapshot));
                var exchange = TestExchange.Of(target: "/a1?q=1", snapshot: snapshot);
                var drawn = listener?.Routes?.FindVirtualHost("reviews:9080")?.Match(exchange)?.Destinations.Draw(random)?.Config;
                if (drawn is not { Broken: null }) continue;
                var cluster = snapshot.FindCluster(drawn.Cluster);
                Assert.NotNull(cluster);
                picker.Pick(cluster, destination);
            }
        }
    }

    private static byte[] Spoil(Random random)
    {
        var sections = Rich.Sections.ToDictionary(section => section.Name, section => JsonNode.Parse(section.Json.Span)!);
        for (var change = random.Next(1, 3); change > 0; change--)
        {
            var nodes = sections.Values.SelectMany(Below).ToArray();
            Change(nodes[random.Next(nodes.Length)], random);
        }

        var bytes = sections.ToDictionary(pair => pair.Key, pair => pair.Value.ToJsonString());
        var refs = bytes.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => new SectionRef(pair.Key, Section.HashOf(Encoding.UTF8.GetBytes(pair.Value)))).ToImmutableArray();
        var named = string.Join(',', refs.Select(section => $"{{\"name\":\"{section.Name}\",\"hash\":\"{section.Hash}\"}}"));
        var manifest = $"{{\"formatVersion\":1,\"revision\":1,\"hash\":\"{ConfigDocument.HashOf(refs)}\",\"sections\":[{named}]}}";
        var content = string.Join(',', bytes.Select(pair => $"\"{pair.Key}\":{pair.Value}"));
        return Encoding.UTF8.GetBytes($"{{\"manifest\":{manifest},\"sections\":{{{content}}}}}");
    }

    private static IEnumerable<JsonNode> Below(JsonNode node)
    {
        var children = node switch
        {
            JsonObject map => map.Select(pair => pair.Value),
            JsonArray list => list,
            _ => [],
        };
        return children.OfType<JsonNode>().SelectMany(child => Below(child).Prepend(child));
    }

    private static void Change(JsonNode node, Random random)
    {
        if (random.Next(8) == 0 && node.Parent is JsonArray list)
        {
            if (random.Next(2) == 0) list.Add(node.DeepClone());
            else list.Remove(node);
            return;
        }

        if (random.Next(8) == 0 && node.Parent is JsonObject map)
        {
            map.Remove(node.GetPropertyName());
            return;
        }

        JsonNode? value = node.GetValueKind() switch
        {
            System.Text.Json.JsonValueKind.String => Texts[random.Next(Texts.Length)],
            System.Text.Json.JsonValueKind.Number => Numbers[random.Next(Numbers.Length)] is var number && number == Math.Floor(number) && Math.Abs(number) < 1e9 ? (int)number : number,
            System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False => random.Next(2) == 0,
            System.Text.Json.JsonValueKind.Array when random.Next(2) == 0 => new JsonArray(),
            _ when random.Next(20) == 0 => null,
            _ => node.DeepClone(),
        };
        node.ReplaceWith(value);
    }

    private static WeightedCluster To(string subset, int weight) => new() { Cluster = TestConfig.ClusterName(subset), Weight = weight };

    private static StringMatch Match(StringMatchKind kind, string value) => new() { Kind = kind, Value = value };
}
