using System.Collections.Immutable;
using Mesh.Config;

namespace Mesh.ProxyConfig.Tests;

/// <summary>What a route may be told to do beside choosing a destination.</summary>
public sealed class RouteActionsTests
{
    public static TheoryData<Route, string, string> Problems => new()
    {
        { new Route { Redirect = new Redirect { Status = 300 } }, "redirect.status", "300 is not" },
        { new Route { Redirect = new Redirect { Port = 0 } }, "redirect.port", "0 is not a port" },
        { new Route { Redirect = new Redirect { Port = 80, RequestPort = true } }, "redirect.requestPort", "excludes port" },
        { new Route { Redirect = new Redirect { Prefix = "/a" } }, "redirect.prefix", "without a path" },
        { new Route { Redirect = new Redirect { Authority = "a b" } }, "redirect.authority", "'a b' is not a host" },
        { new Route { Redirect = new Redirect { Authority = "a\r\nx: y" } }, "redirect.authority", "is not a host" },
        { new Route { Redirect = new Redirect { Scheme = "" } }, "redirect.scheme", "is not a scheme" },
        { new Route { DirectResponse = new DirectResponse { Status = 100 } }, "directResponse.status", "100 is not a final status" },
        { new Route { DirectResponse = new DirectResponse { Status = 200, Body = [.. new byte[1024 * 1024 + 1]] } }, "directResponse.body", "at most 1048576" },
        { To(new Rewrite { Path = "/", Regex = new("a", "b") }), "rewrite.regex", "excludes path" },
        { To(new Rewrite { Prefix = "/a" }), "rewrite.prefix", "without a path" },
        { To(new Rewrite { Regex = new("(", "b") }), "rewrite.regex.pattern", "is not a regular expression" },
        { To(new Rewrite { Regex = new("a", @"\1") }), "rewrite.regex.substitution", "capture 1" },
        { To(new Rewrite { Authority = "" }), "rewrite.authority", "is empty" },
        { new Route { Destinations = [Destination], SplitBy = new HashKey() }, "splitBy", "exactly one of" },
        { To(new Fault { DelayPercent = 100.5 }), "fault.delayPercent", "100.5 is not a percentage" },
        { To(new Fault { AbortPercent = double.NaN }), "fault.abortPercent", "is not a percentage" },
        { To(new Fault { Delay = TimeSpan.Zero }), "fault.delay", "above zero" },
        { To(new Fault { AbortStatus = 199 }), "fault.abortStatus", "199 is not a final status" },
        { To(new Fault { AbortStatus = 500, AbortGrpcStatus = 3 }), "fault.abortGrpcStatus", "excludes abortStatus" },
        { To(new CorsPolicy { AllowOrigins = [new StringMatch { Kind = StringMatchKind.Regex, Value = "(" }] }), "cors.allowOrigins[0].value", "is not a regular expression" },
        { To(new CorsPolicy { AllowHeaders = "a\r\nb" }), "cors.allowHeaders", "control characters" },
        { To(new CorsPolicy { MaxAge = TimeSpan.FromSeconds(-1) }), "cors.maxAge", "below zero" },
        { To(new HeaderChanges { RequestRemove = ["Host"] }), "headers.requestRemove", "lower case" },
        { To(new HeaderChanges { RequestRemove = ["host"] }), "headers.requestRemove", "cannot be taken away" },
        { To(new HeaderChanges { RequestSet = [new(":path", "/")] }), "headers.requestSet[0].name", "is not the name of a header" },
        { To(new HeaderChanges { ResponseSet = [new("host", "a")] }), "headers.responseSet[0].name", "can only be set" },
        { To(new HeaderChanges { ResponseAdd = [new("x", "a\r\nb: c")] }), "headers.responseAdd[0].value", "control characters" },
        { To(new HeaderChanges { ResponseAdd = [new("x", "50%")] }), "headers.responseAdd[0].value", "begins an operator" },
        { new Route { Destinations = [Destination with { Headers = new HeaderChanges { RequestAdd = [new("x y", "a")] } }] }, "destinations[0].headers.requestAdd[0].name", "not the name" },
    };

    private static WeightedCluster Destination => new() { Cluster = SampleConfig.ClusterName("v1") };

    [Theory]
    [MemberData(nameof(Problems))]
    public void A_problem_is_told_with_its_place(Route route, string path, string message)
    {
        var problem = Assert.Single(ProxyConfigValidator.Validate(SampleConfig.TableOf(route)));

        Assert.Equal($"routes/9080: virtualHosts[0].routes[0].{path}", problem.Path);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_sound_has_no_problems()
    {
        ImmutableArray<Route> sound =
        [
            new Route { Redirect = new Redirect { Status = 308, Scheme = "https", Authority = "a.b:81", Path = "/x", Prefix = "/y" } },
            new Route { DirectResponse = new DirectResponse { Status = 204 } },
            To(new Rewrite { Regex = new("^/(a+)", @"/\1\1"), Authority = "[::1]:80" }),
            To(new HeaderChanges { RequestSet = [new("host", "a"), new("x-b", "%REQ(x-c)%")], ResponseRemove = ["server"] }),
        ];

        Assert.Empty(ProxyConfigValidator.Validate(SampleConfig.TableOf([.. sound])));
    }

    private static Route To(Rewrite rewrite) => new() { Destinations = [Destination], Rewrite = rewrite };

    private static Route To(HeaderChanges changes) => new() { Destinations = [Destination], Headers = changes };

    private static Route To(Fault fault) => new() { Destinations = [Destination], Fault = fault };

    private static Route To(CorsPolicy cors) => new() { Destinations = [Destination], Cors = cors };
}
