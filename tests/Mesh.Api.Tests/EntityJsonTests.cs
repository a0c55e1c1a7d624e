using k8s;
using Mesh.Api.Networking;

namespace Mesh.Api.Tests;

/// <summary>Entities as the API server sends them: what is odd in one never keeps another from being read.</summary>
public sealed class EntityJsonTests
{
    [Fact]
    public void A_virtual_service_reads_with_all_its_parts()
    {
        var entity = KubernetesJson.Deserialize<V1VirtualService>("""
            {"apiVersion":"networking.istio.io/v1","kind":"VirtualService","metadata":{"name":"reviews","namespace":"a","generation":3},
             "spec":{"hosts":["reviews"],"http":[{"match":[{"uri":{"prefix":"/a"},"headers":{"end-user":{"exact":"jason"},"x":{}}}],
               "route":[{"destination":{"host":"reviews","subset":"v1","port":{"number":9080}},"weight":90}],
               "timeout":"0.5s","retries":{"attempts":3,"perTryTimeout":"250ms"},"corsPolicy":null}]},
             "status":{"observedGeneration":"3","conditions":[{"type":"Ready","status":"True","observedGeneration":3,"lastTransitionTime":"2026-01-01T00:00:00Z"}]}}
            """);

        var route = Assert.Single(entity.Spec.Http);
        Assert.Equal("jason", route.Match[0].Headers["end-user"]!.Exact);
        Assert.True(route.Match[0].Headers["x"]!.IsPresence);
        Assert.Equal(9080, route.Route[0].Destination!.Port!.Number);
        Assert.Equal(TimeSpan.FromMilliseconds(500), route.Timeout!.Value);
        Assert.Equal(TimeSpan.FromMilliseconds(250), route.Retries!.PerTryTimeout!.Value);
        Assert.Equal(3, entity.Status!.ObservedGeneration);
        Assert.Equal(3, entity.Status.Conditions[0].ObservedGeneration);
        Assert.Null(entity.Spec.Unreadable);
    }

    [Fact]
    public void A_value_of_a_wrong_type_empties_the_spec_and_says_where()
    {
        var list = KubernetesJson.Deserialize<V1VirtualServiceList>("""
            {"items":[{"metadata":{"name":"odd"},"spec":{"hosts":["a"],"http":[{"retries":{"attempts":"many"}}]}},
                      {"metadata":{"name":"fine"},"spec":{"hosts":["b"]}}]}
            """);

        Assert.Contains("attempts", list.Items[0].Spec.Unreadable);
        Assert.Equal(["b"], list.Items[1].Spec.Hosts);
    }

    [Fact]
    public void Null_lists_are_empty_and_null_elements_are_elements_with_nothing_set()
    {
        var entity = KubernetesJson.Deserialize<V1VirtualService>("""
            {"metadata":{"name":"x"},"spec":{"hosts":null,"http":[{"match":[null],"route":null,"headers":null}]}}
            """);

        Assert.Empty(entity.Spec.Hosts);
        Assert.Equal(new HttpMatchRequest().Uri, Assert.Single(entity.Spec.Http[0].Match).Uri);
        Assert.Empty(entity.Spec.Http[0].Route);
    }

    [Fact]
    public void A_status_of_another_shape_counts_as_none()
    {
        var entity = KubernetesJson.Deserialize<V1DestinationRule>("""{"metadata":{"name":"x"},"spec":{"host":"a"},"status":{"conditions":"odd"}}""");

        Assert.Empty(entity.Status!.Conditions);
        Assert.Equal("a", entity.Spec.Host);
    }

    [Fact]
    public void What_is_written_back_holds_only_what_was_set()
    {
        var entity = new V1DestinationRule
        {
            Metadata = new() { Name = "r", NamespaceProperty = "n" },
            Spec = new() { Host = "reviews", Subsets = [new() { Name = "v1", Labels = new Dictionary<string, string> { ["version"] = "v1" } }] },
            Status = new()
            {
                Conditions = [new() { Type = ConditionTypes.Ready, Status = "True", LastTransitionTime = DateTimeOffset.UnixEpoch }],
                Findings = [new() { Severity = Severity.Warning, Code = FindingCodes.FieldNotSupportedYet, Path = "spec.x", Message = "m" }],
            },
        };

        Assert.Equal(
            """{"apiVersion":"networking.istio.io/v1","kind":"DestinationRule","metadata":{"name":"r","namespace":"n"},"spec":{"host":"reviews","subsets":[{"name":"v1","labels":{"version":"v1"}}]},"status":{"conditions":[{"type":"Ready","status":"True","reason":"","message":"","lastTransitionTime":"1970-01-01T00:00:00Z"}],"findings":[{"severity":"warning","code":"MESH0001","path":"spec.x","message":"m"}]}}""",
            KubernetesJson.Serialize(entity));
    }

    [Theory]
    [InlineData("5s", 5_000_000_000)]
    [InlineData("0.5s", 500_000_000)]
    [InlineData("1h2m", 3_720_000_000_000)]
    [InlineData("250ms", 250_000_000)]
    [InlineData("2.000000042s", 2_000_000_042)]
    [InlineData("-1s", -1_000_000_000)]
    [InlineData("0", 0)]
    public void A_duration_is_numbers_with_units(string text, long nanoseconds) =>
        Assert.Equal(nanoseconds, Duration.Parse(text).Nanoseconds);

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("1 s")]
    [InlineData("1d")]
    [InlineData("1.2.3s")]
    [InlineData("9999999h")]
    public void A_text_that_is_no_duration_has_no_value_but_stays_readable(string text)
    {
        Assert.False(Duration.Parse(text).IsValid);
        Assert.Equal(text, Duration.Parse(text).Text);
    }
}
