using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Config;
using Mesh.Config.Formats;

namespace Mesh.ProxyConfig.Tests.Formats;

public sealed class FormatRulesTests
{
    private static readonly FormatRules Rules = new(SmallJson.Default.Options, new Dictionary<Type, Action<JsonObject, string>> { [typeof(SmallRoute)] = SmallRoute.Refuse });

    private static readonly SmallTable Plain = new() { Name = "80", Routes = [new SmallRoute { Origin = "VirtualService/a/b#http[0]", To = "v1" }] };

    private static SmallRoute Route => Plain.Routes[0];

    [Fact]
    public void What_uses_nothing_newer_is_of_the_first_format() => Assert.Equal(1, FormatOf(Plain));

    [Fact]
    public void The_format_is_that_of_the_newest_part()
    {
        Assert.Equal(2, FormatOf(With(Route with { Share = new SmallShare { Percent = 5 } })));
        Assert.Equal(2, FormatOf(With(Route with { Way = SmallWay.Second })));
        Assert.Equal(3, FormatOf(With(Route with { Way = SmallWay.Second, Note = "x" })));
    }

    [Fact]
    public void An_older_format_has_the_same_text_as_if_the_newer_part_were_not_there()
    {
        var (text, losses) = Render(With(Route with { Share = new SmallShare { Percent = 5 } }), 1);

        Assert.Equal(TextOf(Plain), text);
        Assert.Equal(new FormatLoss("routes/80", "routes[0].share", "VirtualService/a/b#http[0]", 2, false), Assert.Single(losses));
    }

    [Fact]
    public void What_the_format_has_stays()
    {
        var (text, losses) = Render(With(Route with { Share = new SmallShare { Percent = 5 }, Note = "x" }), 2);

        Assert.Equal(TextOf(With(Route with { Share = new SmallShare { Percent = 5 } })), text);
        Assert.Equal(["routes[0].note"], losses.Select(loss => loss.Path));
    }

    [Fact]
    public void A_newer_word_goes_from_members_lists_and_maps()
    {
        var used = With(Route with { Way = SmallWay.Third, Ways = [SmallWay.First, SmallWay.Third], Named = Route.Named.Add("a", SmallWay.Second).Add("b", SmallWay.Third) });

        var (text, losses) = Render(used, 2);

        Assert.Equal("""{"name":"80","routes":[{"origin":"VirtualService/a/b#http[0]","to":"v1","ways":["First"],"named":{"a":"Second"}}]}""", text);
        Assert.Equal(["routes[0].way", "routes[0].ways[1]", "routes[0].named.b"], losses.Select(loss => loss.Path));
    }

    [Fact]
    public void Without_what_guards_it_a_route_refuses()
    {
        var (text, losses) = Render(With(Route with { Guard = "only alice" }), 2);

        Assert.Equal(TextOf(With(Route with { To = "The sidecar is too old for guard." })), text);
        Assert.True(Assert.Single(losses).Refuses);
    }

    [Fact]
    public void A_route_of_the_contract_refuses_by_an_answer_that_the_first_format_has()
    {
        var node = JsonNode.Parse(JsonSerializer.Serialize(SampleConfig.RouteTo("a") with { Timeout = TimeSpan.FromSeconds(1), Origin = "r" }, ProxyConfigJson.Default.Options))!.AsObject();

        Refusing.Break(node, "too old");

        var broken = ProxyConfigJson.Read<Route>(Encoding.UTF8.GetBytes(node.ToJsonString()));
        var sample = new SampleConfig { Routes = [SampleConfig.TableOf(broken)] }.Assembled();
        Assert.Equal("too old", broken.Broken!.Message);
        Assert.Empty(ProxyConfigValidator.Validate(sample));
    }

    [Fact]
    public void A_port_of_the_contract_refuses_by_an_address_where_nobody_is()
    {
        var node = JsonNode.Parse(JsonSerializer.Serialize(new InboundPort { Port = 9080 }, ProxyConfigJson.Default.Options))!.AsObject();

        Refusing.Close(node, "too old");

        var port = ProxyConfigJson.Read<InboundPort>(Encoding.UTF8.GetBytes(node.ToJsonString()));
        Assert.Empty(ProxyConfigValidator.Validate(new SampleConfig { Inbound = new InboundConfig { Ports = [port] } }.Assembled()));
    }

    [Fact]
    public void A_document_says_the_oldest_format_that_has_all_of_it()
    {
        var sample = new SampleConfig();
        Assert.All(sample.Sections, section => Assert.Equal(1, section.Format));
        Assert.Equal(1, ConfigDocument.ManifestOf(sample.Sections, 1, "").FormatVersion);
        Assert.All(sample.Sections, section => Assert.Same(section, section.RenderFor(1).Section));
    }

    private static SmallTable With(SmallRoute route) => Plain with { Routes = [route] };

    private static string TextOf(SmallTable table) => JsonSerializer.Serialize(table, SmallJson.Default.SmallTable);

    private static int FormatOf(SmallTable table) => Rules.FormatOf(Encoding.UTF8.GetBytes(TextOf(table)), typeof(SmallTable));

    private static (string Text, IReadOnlyList<FormatLoss> Losses) Render(SmallTable table, int format)
    {
        var (json, losses) = Rules.Render(Encoding.UTF8.GetBytes(TextOf(table)), typeof(SmallTable), "routes/80", format);
        return (Encoding.UTF8.GetString(json), losses);
    }
}
