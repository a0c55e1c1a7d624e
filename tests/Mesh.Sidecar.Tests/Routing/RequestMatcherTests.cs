using Mesh.Config;
using Mesh.Sidecar.Routing;

namespace Mesh.Sidecar.Tests.Routing;

public sealed class RequestMatcherTests
{
    [Theory]
    [InlineData("exact", "/a", false, "/a", true)]
    [InlineData("exact", "/a", false, "/ab", false)]
    [InlineData("exact", "/a", false, "/A", false)]
    [InlineData("exact", "/a", true, "/A", true)]
    [InlineData("prefix", "/foo", false, "/foo", true)]
    [InlineData("prefix", "/foo", false, "/foobar", true)] // a string prefix, not path segments
    [InlineData("prefix", "/foo", false, "/FOO", false)]
    [InlineData("prefix", "/foo", true, "/FOObar", true)]
    [InlineData("prefix", "/foo/", false, "/foo", false)]
    [InlineData("regex", "/a[0-9]", false, "/a1", true)]
    [InlineData("regex", "/a[0-9]", false, "/a12", false)] // the whole path
    [InlineData("regex", "/a", true, "/A", false)] // without case holds for exact and prefix only
    public void A_path_is_compared_as_asked(string kind, string value, bool ignoreCase, string path, bool matches)
    {
        var matcher = new RequestMatcher(new RequestMatch { Path = Match(kind, value), IgnorePathCase = ignoreCase });
        Assert.Equal(matches, matcher.Matches(TestExchange.Of(target: path)));
    }

    [Fact]
    public void The_query_is_no_part_of_the_path()
    {
        Assert.True(new RequestMatcher(new RequestMatch { Path = Match("exact", "/a") }).Matches(TestExchange.Of(target: "/a?b=c")));
    }

    [Fact]
    public void Method_scheme_and_authority_are_conditions_too()
    {
        Assert.True(new RequestMatcher(new RequestMatch { Method = Match("exact", "POST") }).Matches(TestExchange.Of("POST")));
        Assert.False(new RequestMatcher(new RequestMatch { Method = Match("exact", "POST") }).Matches(TestExchange.Of("post")));
        Assert.True(new RequestMatcher(new RequestMatch { Scheme = Match("prefix", "http") }).Matches(TestExchange.Of(scheme: "https")));
        Assert.True(new RequestMatcher(new RequestMatch { Authority = Match("regex", "reviews:[0-9]+") }).Matches(TestExchange.Of()));
        Assert.False(new RequestMatcher(new RequestMatch { Authority = Match("exact", "reviews") }).Matches(TestExchange.Of()));
    }

    [Theory]
    [InlineData("exact", "jason", "jason", true)]
    [InlineData("exact", "jason", "Jason", false)]
    [InlineData("exact", "jason", null, false)]
    [InlineData("exact", "", null, false)] // an absent header meets no condition
    [InlineData("prefix", "", null, false)]
    [InlineData("prefix", "ja", "jason", true)]
    [InlineData("regex", ".*son", "jason", true)]
    [InlineData("regex", ".*", null, false)]
    [InlineData(null, "", "anything", true)] // presence
    [InlineData(null, "", "", true)]
    [InlineData(null, "", null, false)]
    public void A_header_condition_holds_for_a_present_header_that_fits(string? kind, string value, string? sent, bool matches)
    {
        Assert.Equal(matches, MatchesHeader(kind, value, invert: false, sent));
    }

    [Theory]
    [InlineData("exact", "b", "b", false)]
    [InlineData("exact", "b", "c", true)]
    [InlineData("exact", "b", null, true)] // absent counts as empty, which is not b
    [InlineData("exact", "", null, false)] // absent counts as empty, which is what must not be
    [InlineData("regex", ".*", null, false)]
    [InlineData("prefix", "b", null, true)]
    [InlineData(null, "", null, true)] // must be absent
    [InlineData(null, "", "x", false)]
    public void An_inverted_header_condition_takes_absent_as_empty(string? kind, string value, string? sent, bool matches)
    {
        Assert.Equal(matches, MatchesHeader(kind, value, invert: true, sent));
    }

    [Fact]
    public void Header_names_have_no_case_and_several_lines_are_one_list()
    {
        var matcher = new RequestMatcher(new RequestMatch { Headers = [new NamedMatch { Name = "end-user", Value = Match("exact", "a,b") }] });
        Assert.True(matcher.Matches(TestExchange.Of(headers: new HeaderList { { "End-User", "a" }, { "END-USER", "b" } })));
    }

    [Theory]
    [InlineData("exact", "1", "/?a=1", true)]
    [InlineData("exact", "1", "/?b=2&a=1", true)]
    [InlineData("exact", "1", "/?a=12", false)]
    [InlineData("exact", "1", "/?aa=1", false)]
    [InlineData("exact", "1", "/?A=1", false)]
    [InlineData("exact", "1", "/?a=2&a=1", false)] // the first counts
    [InlineData("exact", "1", "/", false)]
    [InlineData("exact", "", "/?a", true)] // ?key
    [InlineData("exact", "", "/?a=", true)]
    [InlineData("exact", "", "/?b", false)]
    [InlineData("prefix", "v", "/?a=v12", true)]
    [InlineData("regex", "v[0-9]+", "/?a=v12", true)]
    [InlineData("regex", "v[0-9]+", "/?a=v12x", false)]
    [InlineData(null, "", "/?a=x", true)] // presence
    [InlineData(null, "", "/?a", true)]
    [InlineData(null, "", "/?ab", false)]
    public void A_query_condition_looks_at_the_first_parameter_of_the_name(string? kind, string value, string target, bool matches)
    {
        var parameter = new NamedMatch { Name = "a", Value = kind is null ? null : Match(kind, value) };
        Assert.Equal(matches, new RequestMatcher(new RequestMatch { QueryParameters = [parameter] }).Matches(TestExchange.Of(target: target)));
    }

    [Fact]
    public void All_conditions_of_a_match_must_hold()
    {
        var matcher = new RequestMatcher(new RequestMatch
        {
            Path = Match("prefix", "/api"),
            Headers = [new NamedMatch { Name = "a" }, new NamedMatch { Name = "b" }],
        });

        Assert.True(matcher.Matches(TestExchange.Of(target: "/api", headers: new HeaderList { { "a", "" }, { "b", "" } })));
        Assert.False(matcher.Matches(TestExchange.Of(target: "/api", headers: new HeaderList { { "a", "" } })));
        Assert.False(matcher.Matches(TestExchange.Of(target: "/", headers: new HeaderList { { "a", "" }, { "b", "" } })));
    }

    [Fact]
    public void Matching_allocates_nothing()
    {
        var matcher = new RequestMatcher(new RequestMatch
        {
            Path = Match("prefix", "/api"),
            Method = Match("exact", "GET"),
            Headers = [new NamedMatch { Name = "end-user", Value = Match("exact", "jason") }],
            QueryParameters = [new NamedMatch { Name = "a", Value = Match("exact", "1") }],
        });
        var exchange = TestExchange.Of(target: "/api/v1?b=2&a=1", headers: new HeaderList { { "end-user", "jason" } });
        Assert.True(matcher.Matches(exchange));

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) matcher.Matches(exchange);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static bool MatchesHeader(string? kind, string value, bool invert, string? sent)
    {
        var header = new NamedMatch { Name = "end-user", Value = kind is null ? null : Match(kind, value), Invert = invert };
        var headers = new HeaderList();
        if (sent is not null) headers.Set("end-user", sent);
        return new RequestMatcher(new RequestMatch { Headers = [header] }).Matches(TestExchange.Of(headers: headers));
    }

    private static StringMatch Match(string kind, string value) => new() { Kind = Enum.Parse<StringMatchKind>(kind, ignoreCase: true), Value = value };
}
