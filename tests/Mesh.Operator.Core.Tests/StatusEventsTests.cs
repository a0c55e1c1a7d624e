using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Operator.Core.Status;

namespace Mesh.Operator.Core.Tests;

public sealed class StatusEventsTests
{
    [Fact]
    public void A_refusal_is_told_once_and_again_for_the_next_generation()
    {
        var refused = Status(1, (ConditionTypes.Accepted, "False", ConditionReasons.Invalid));
        Assert.Equal([new StatusEvent("Invalid", "of Accepted", true)], StatusEvents.Between(null, refused, null));
        Assert.Empty(StatusEvents.Between(refused, refused, null));
        Assert.Single(StatusEvents.Between(refused, Status(2, (ConditionTypes.Accepted, "False", ConditionReasons.Invalid)), null));
    }

    [Fact]
    public void Another_reason_is_news_and_what_holds_is_none()
    {
        var lost = Status(1, (ConditionTypes.ResolvedRefs, "False", ConditionReasons.HostNotFound));
        Assert.Single(StatusEvents.Between(lost, Status(1, (ConditionTypes.ResolvedRefs, "False", ConditionReasons.SubsetNotFound)), null));
        Assert.Empty(StatusEvents.Between(lost, Status(1, (ConditionTypes.ResolvedRefs, "True", ConditionReasons.ResolvedRefs)), null));
    }

    [Fact]
    public void That_all_proxies_hold_a_generation_is_told_once_however_often_pods_come_and_go()
    {
        var held = Status(3, (ConditionTypes.Programmed, "True", ConditionReasons.Programmed));
        var pending = Status(3, (ConditionTypes.Programmed, "False", ConditionReasons.Pending));
        Assert.Equal([new StatusEvent("Programmed", "Generation 3 is in force at 2/2 proxies.", false)], StatusEvents.Between(pending, held, null));
        Assert.Empty(StatusEvents.Between(held, pending, 3));
        Assert.Empty(StatusEvents.Between(pending, held, 3));
        Assert.Single(StatusEvents.Between(held, Status(4, (ConditionTypes.Programmed, "True", ConditionReasons.Programmed)), 3));
    }

    [Fact]
    public void A_proxy_that_refuses_is_a_warning_a_rule_that_waits_is_not_and_no_proxies_are_no_news()
    {
        Assert.True(Assert.Single(StatusEvents.Between(null, Status(1, (ConditionTypes.Programmed, "False", ConditionReasons.RefusedByProxy)), null)).IsWarning);
        Assert.False(Assert.Single(StatusEvents.Between(null, Status(1, (ConditionTypes.Programmed, "False", ConditionReasons.WaitingForReferences)), null)).IsWarning);
        Assert.Empty(StatusEvents.Between(null, Status(1, (ConditionTypes.Programmed, "True", ConditionReasons.NoProxies)), null));
    }

    private static VirtualServiceStatus Status(long generation, (string Type, string Status, string Reason) one) => new()
    {
        ObservedGeneration = generation,
        Applied = "2/2",
        Conditions = [new Condition { Type = one.Type, Status = one.Status, Reason = one.Reason, Message = $"of {one.Type}", ObservedGeneration = generation }],
    };
}
