using System.Net;
using Mesh.Config;
using Mesh.Sidecar.Balancing;

namespace Mesh.Sidecar.Tests.Balancing;

public sealed class KeyHashTests
{
    private static readonly Random Random = new(1);

    [Fact]
    public void The_hash_of_a_key_is_the_same_in_every_proxy()
    {
        Assert.Equal(KeyHash.Of("alice"), KeyHash.Of("alice"));
        Assert.NotEqual(KeyHash.Of("alice"), KeyHash.Of("bob"));
        // A change of this number moves every client of every mesh at the update: it must not change by accident.
        Assert.Equal(HashOfAlice, KeyHash.Of("alice"));
    }

    [Fact]
    public void A_header_is_a_key_and_its_absence_none()
    {
        var key = new HashKey { Header = "x-user" };
        Assert.Equal(KeyHash.Of("alice"), KeyHash.Of(key, TestExchange.Of(headers: new HeaderList { { "X-User", "alice" } }), Random));
        Assert.Null(KeyHash.Of(key, TestExchange.Of(), Random));
    }

    [Theory]
    [InlineData("/?user=alice")]
    [InlineData("/?a=b&user=alice&user=bob")]
    [InlineData("/?xuser=no&user=alice")]
    public void A_query_parameter_is_a_key(string target)
    {
        Assert.Equal(KeyHash.Of("alice"), KeyHash.Of(new HashKey { QueryParameter = "user" }, TestExchange.Of(target: target), Random));
    }

    [Fact]
    public void A_request_without_the_parameter_has_no_key()
    {
        Assert.Null(KeyHash.Of(new HashKey { QueryParameter = "user" }, TestExchange.Of(target: "/?usera=1"), Random));
    }

    [Theory]
    [InlineData("session=alice")]
    [InlineData("other=1; session=alice; more=2")]
    [InlineData("other=1;session=\"alice\"")]
    [InlineData("other=1,session=alice")]
    public void A_cookie_is_a_key(string cookies)
    {
        var exchange = TestExchange.Of(headers: new HeaderList { { "cookie", cookies } });
        Assert.Equal(KeyHash.Of("alice"), KeyHash.Of(new HashKey { Cookie = new HashCookie { Name = "session", Ttl = TimeSpan.FromSeconds(9) } }, exchange, Random));
        Assert.Empty(exchange.GivenCookies);
    }

    [Fact]
    public void A_client_without_the_cookie_is_given_one_once()
    {
        var key = new HashKey { Cookie = new HashCookie { Name = "session", Path = "/shop", Ttl = TimeSpan.FromMinutes(1), Attributes = ["SameSite=Strict"] } };
        var exchange = TestExchange.Of();

        var hash = KeyHash.Of(key, exchange, Random);

        Assert.NotNull(hash);
        Assert.Equal(hash, KeyHash.Of(key, exchange, Random));
        var given = Assert.Single(exchange.GivenCookies);
        Assert.Equal($"session=\"{given.Value}\"; Max-Age=60; Path=/shop; SameSite=Strict; HttpOnly", given.Line);
        var again = TestExchange.Of(headers: new HeaderList { { "cookie", $"session={given.Value}" } });
        Assert.Equal(hash, KeyHash.Of(key, again, Random));
    }

    [Fact]
    public void A_cookie_of_no_lifetime_lasts_as_long_as_the_session()
    {
        var exchange = TestExchange.Of();
        KeyHash.Of(new HashKey { Cookie = new HashCookie { Name = "session", Ttl = TimeSpan.Zero } }, exchange, Random);
        Assert.DoesNotContain("Max-Age", Assert.Single(exchange.GivenCookies).Line, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_lifetime_no_cookie_is_made()
    {
        var exchange = TestExchange.Of();
        Assert.Null(KeyHash.Of(new HashKey { Cookie = new HashCookie { Name = "session" } }, exchange, Random));
        Assert.Empty(exchange.GivenCookies);
    }

    [Fact]
    public void An_address_hashes_the_same_however_it_is_written()
    {
        Assert.Equal(KeyHash.Of(IPAddress.Parse("10.1.2.3")), KeyHash.Of(IPAddress.Parse("::ffff:10.1.2.3")));
        Assert.NotEqual(KeyHash.Of(IPAddress.Parse("10.1.2.3")), KeyHash.Of(IPAddress.Parse("10.1.2.4")));
    }

    [Fact]
    public void Shares_spread_evenly_and_say_nothing_about_the_hash()
    {
        var hashes = Enumerable.Range(0, 20_000).Select(i => KeyHash.Of($"user-{i}")).ToArray();
        var below = hashes.Where(hash => KeyHash.ShareOf(hash) < 0.1).ToArray();

        Assert.InRange(below.Length, 1800, 2200);
        // The tenth that one subset takes still lies everywhere on the ring.
        Assert.InRange(below.Count(hash => hash < ulong.MaxValue / 2), 850, 1150);
    }

    private const ulong HashOfAlice = 12230202913317910601;
}
