using Mesh.Api;
using Mesh.Config;
using Mesh.Config.Formats;
using Mesh.Operator.Core.Analysis.Workloads;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Tests;

/// <summary>Pods whose sidecars read an older format than this operator writes.</summary>
public sealed class OlderSidecarTests
{
    private static readonly RuleKey Policy = new(RuleKey.DestinationRule, new ObjectKey("default", "reviews"));

    private static readonly RuleKey Other = new(RuleKey.DestinationRule, new ObjectKey("default", "other"));

    [Fact]
    public void What_nobody_loses_is_told_to_nobody() => Assert.Empty(Found());

    [Fact]
    public void A_loss_stands_on_the_rule_that_it_comes_from()
    {
        var loss = new FormatLoss("routes/9080", "virtualHosts[0].routes[2].share", "VirtualService/default/reviews#http[2]", 2, false);

        var finding = Assert.Single(Found(("one", loss), ("two", loss)));

        Assert.Equal((FindingCodes.SidecarTooOld, "VirtualService/default/reviews", "spec.http[2]"), (finding.Code, finding.Resource, finding.Path));
        Assert.Contains("The sidecars of 2 pods are too old to be told 'share', so they go on without: shop/one, shop/two.", finding.Message, StringComparison.Ordinal);
        Assert.Contains("kubectl rollout restart", finding.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_no_rule_is_named_it_stands_on_those_with_a_part_in_the_section()
    {
        var finding = Assert.Single(Found(("one", new FormatLoss("clusters/reviews", "clusters[0].pool.burst", "", 2, false))));
        Assert.Equal("DestinationRule/default/reviews", finding.Resource);
    }

    [Fact]
    public void Where_no_rule_has_a_part_it_stands_on_the_pod()
    {
        var finding = Assert.Single(Found(("one", new FormatLoss("mesh", "colour", "", 2, false))));
        Assert.Equal("Pod/shop/one", finding.Resource);
    }

    [Fact]
    public void A_guard_that_is_missing_says_that_it_is_refused()
    {
        var finding = Assert.Single(Found(("one", new FormatLoss("inbound", "ports[0].guard", "", 2, true))));
        Assert.Contains("The sidecar of 1 pod is too old to be told 'guard', so it refuses what that guards: shop/one.", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pod_is_of_the_first_format_unless_it_says_otherwise()
    {
        Assert.Equal(1, FormatOf(""));
        Assert.Equal(3, FormatOf(", mesh.dev/format: \"3\""));
        Assert.Equal(1, FormatOf(", mesh.dev/format: newest"));
    }

    [Fact]
    public void A_config_that_uses_nothing_newer_is_the_same_for_every_format()
    {
        var plan = MeshPlanner.Plan(Cluster.Of(Given.Service("web", "{name: http, port: 80}"), Pod("web-1", ""), Pod("web-2", ", mesh.dev/format: \"9\"")));

        var (first, later) = (plan.Pods[new ObjectKey("default", "web-1")], plan.Pods[new ObjectKey("default", "web-2")]);
        Assert.Empty(first.Losses);
        Assert.Equal(later.HashOf(SectionNames.Outbound), first.HashOf(SectionNames.Outbound));
        Assert.Same(later.Sections.First(section => section.Name == SectionNames.Outbound), first.Sections.First(section => section.Name == SectionNames.Outbound));
    }

    private static int FormatOf(string annotation) => Cluster.Of(Pod("web-1", annotation)).Workloads[new ObjectKey("default", "web-1")].Format;

    private static string Pod(string name, string annotation) => Given.Pod(name, "app: web").Replace($"\"mesh-{name}\"", $"\"mesh-{name}\"{annotation}", StringComparison.Ordinal);

    private static List<Finding> Found(params (string Pod, FormatLoss Loss)[] losses) =>
    [
        .. OlderSidecars.Of(
            losses.Select(one => (new ObjectKey("shop", one.Pod), (IEnumerable<FormatLoss>)[one.Loss], (Func<RuleKey, IEnumerable<string>>)(rule => rule == Policy ? ["clusters/reviews"] : []))),
            [Policy, Other]),
    ];
}
