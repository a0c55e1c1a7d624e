using Mesh.Api.Networking;
using Mesh.Api.Validation;

namespace Mesh.Api.Tests;

/// <summary>No field of the API is forgotten: each works or says that it does not yet.</summary>
public sealed class SupportedFieldsTests
{
    public static TheoryData<string> Kinds => [.. ApiKinds.Table.Select(kind => kind.Kind)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Each_field_is_listed_as_supported_or_not_yet(string kind)
    {
        var (support, spec) = Of(kind);
        var listed = support.Supported.Concat(support.NotYet.Keys).ToHashSet();

        var forgotten = UnsupportedFieldsFinder.Leaves(spec, "spec").Where(leaf => !Prefixes(leaf).Any(listed.Contains));

        Assert.Empty(forgotten);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Each_listed_field_exists_and_stands_in_one_list(string kind)
    {
        var (support, spec) = Of(kind);
        var existing = UnsupportedFieldsFinder.Leaves(spec, "spec").SelectMany(Prefixes).ToHashSet();
        var listed = support.Supported.Concat(support.NotYet.Keys).ToList();

        Assert.Empty(listed.Except(existing));
        Assert.Equal(listed.Count, listed.Distinct().Count());
    }

    [Fact]
    public void A_value_that_does_not_work_yet_is_found_with_its_place()
    {
        var found = UnsupportedFieldsFinder.Find(new VirtualServiceSpec
        {
            Hosts = ["a"],
            Http =
            [
                new() { Route = [new() { Destination = new() { Host = "a" } }] },
                new() { Route = [new() { Destination = new() { Host = "a" } }], Match = [new() { Uri = new() { Prefix = "/a" } }], Retries = new() { Attempts = 1, RetryOn = "5xx,retriable-headers,http3-post-connect-failure" } },
            ],
        });

        Assert.Equal(
            [("MESH0004", "spec.http[1].retries.retryOn", "http3-post-connect-failure")],
            found.Select(f => (f.Code, f.Path, f.Value!)));
        Assert.All(found, f => Assert.Equal(Severity.Warning, f.Severity));
    }

    [Fact]
    public void Fields_below_a_subset_and_a_port_are_found_too()
    {
        var found = UnsupportedFieldsFinder.Find(new DestinationRuleSpec
        {
            Host = "a",
            Subsets = [new() { Name = "v1", TrafficPolicy = new() { LoadBalancer = new() { Simple = "RANDOM" }, PortLevelSettings = [new() { Port = new() { Number = 80 }, LoadBalancer = new() { ZoneAwareLbSetting = new() { Enabled = true } } }] } }],
        });

        var only = Assert.Single(found);
        Assert.Equal("spec.subsets[0].trafficPolicy.portLevelSettings[0].loadBalancer.zoneAwareLbSetting", only.Path);
    }

    private static (FieldSupport Support, Type Spec) Of(string kind) =>
        (SupportedFields.Of(kind), ApiKinds.All.Single(type => type.Name == "V1" + kind).GetProperty("Spec")!.PropertyType);

    private static IEnumerable<string> Prefixes(string path)
    {
        var parts = path.Split('.');
        return Enumerable.Range(1, parts.Length).Select(n => string.Join('.', parts.Take(n)));
    }
}
