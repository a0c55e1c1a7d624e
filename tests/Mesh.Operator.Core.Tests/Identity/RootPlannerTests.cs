using System.Collections.Immutable;
using System.Security.Cryptography;
using Mesh.Config;
using Mesh.Operator.Core.Identity;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Operator.Core.Tests.Identity;

/// <summary>Renewal of the root: each row is a moment in it, and what is to be done then.</summary>
public sealed class RootPlannerTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Life = TimeSpan.FromDays(3650);
    private static readonly TimeSpan CertificateLife = TimeSpan.FromHours(24);

    private readonly RootPair _old = Root(Start, 1);
    private readonly RootPair _new = Root(Start + (Life * 0.8), 2);

    [Fact]
    public void A_root_with_most_of_its_life_left_stays() =>
        Assert.Equal(RootStep.Stay, Plan(new RootRing { Active = _old }, Start + (Life * 0.79)).Step);

    [Fact]
    public void The_next_root_is_introduced_at_a_fifth_of_life_left() =>
        Assert.Equal(RootStep.Introduce, Plan(new RootRing { Active = _old }, Start + (Life * 0.801)).Step);

    [Fact]
    public void A_new_word_in_the_annotation_introduces_the_next_root() =>
        Assert.Equal(RootStep.Introduce, Plan(new RootRing { Active = _old }, Start.AddDays(1), asked: "now").Step);

    [Fact]
    public void A_word_that_was_answered_asks_for_nothing() =>
        Assert.Equal(RootStep.Stay, Plan(new RootRing { Active = _old, RenewalAsked = "now" }, Start.AddDays(1), asked: "now").Step);

    [Fact]
    public void Signing_does_not_move_before_the_new_root_is_published_everywhere() =>
        Assert.Equal(RootStep.AwaitTrust, Plan(Overlap(), Start + (Life * 0.81), published: false, proxies: [Trusts("a", _old, _new)]).Step);

    [Fact]
    public void Signing_does_not_move_before_every_proxy_trusts_both_and_the_laggard_is_named()
    {
        var plan = Plan(Overlap(), Start + (Life * 0.81), proxies: [Trusts("default/a", _old, _new), Trusts("default/b", _old), new ProxyTrust("default/c", null)]);
        Assert.Equal(RootStep.AwaitTrust, plan.Step);
        Assert.Equal(["default/b", "default/c"], plan.Laggards);
    }

    [Fact]
    public void Signing_moves_once_every_proxy_trusts_the_new_root()
    {
        var plan = Plan(Overlap(), Start + (Life * 0.81), proxies: [Trusts("a", _old, _new), Trusts("b", _old, _new)]);
        Assert.Equal(RootStep.MoveSigning, plan.Step);
        Assert.False(plan.IsForced);
    }

    [Fact]
    public void Signing_moves_anyway_when_the_old_root_is_nearly_over_and_says_whom_it_leaves()
    {
        var plan = Plan(Overlap(), Start + (Life * 0.951), proxies: [Trusts("default/a", _old, _new), Trusts("default/b", _old)]);
        Assert.Equal(RootStep.MoveSigning, plan.Step);
        Assert.True(plan.IsForced);
        Assert.Equal(["default/b"], plan.Laggards);
    }

    [Fact]
    public void The_old_root_stays_for_one_certificate_life_and_the_skew_of_clocks()
    {
        var moved = Start.AddDays(1);
        var ring = new RootRing { Active = _new, Outgoing = _old, RetireAt = RootPlanner.RetireAt(moved, CertificateLife) };
        Assert.Equal(RootStep.Stay, Plan(ring, moved + CertificateLife).Step);
        Assert.Equal(RootStep.Retire, Plan(ring, moved + CertificateLife + TimeSpan.FromMinutes(2)).Step);
    }

    [Fact]
    public void The_old_root_stays_while_a_proxy_holds_a_longer_certificate_of_it()
    {
        var ring = new RootRing { Active = _new, Outgoing = _old, RetireAt = Start };
        var holder = new ProxyTrust("default/a", new IdentityReport { Issuer = _old.Fingerprint, NotAfter = Start.AddDays(3), TrustedRoots = [_old.Fingerprint, _new.Fingerprint] });
        Assert.Equal((RootStep.Stay, "default/a"), (Plan(ring, Start.AddDays(2), proxies: [holder]).Step, Plan(ring, Start.AddDays(2), proxies: [holder]).Laggards.Single()));
        Assert.Equal(RootStep.Retire, Plan(ring, Start.AddDays(3), proxies: [holder]).Step);
    }

    [Fact]
    public void A_second_renewal_waits_until_the_first_is_over() =>
        Assert.Equal(RootStep.Stay, Plan(new RootRing { Active = _new, Outgoing = _old, RetireAt = Start.AddDays(2) }, Start.AddDays(1), asked: "again").Step);

    [Fact]
    public void A_whole_renewal_goes_step_by_step_and_the_old_root_is_trusted_as_long_as_anything_of_it_is_valid()
    {
        var time = new FakeTimeProvider(Start);
        var ring = new RootRing { Active = _old };
        var steps = new List<RootStep>();
        var trusted = new HashSet<string>();
        for (var day = 0; day < 3000 && !steps.Contains(RootStep.Retire); day++)
        {
            time.SetUtcNow(Start + (Life * 0.79) + TimeSpan.FromHours(12 * day));
            var plan = RootPlanner.Plan(ring, "", published: true, [new ProxyTrust("a", new IdentityReport { TrustedRoots = [.. trusted.Order()] })], time.GetUtcNow());
            // The mount follows a turn later than the ring.
            trusted = [.. ring.Trusted.Select(root => root.Fingerprint)];
            if (plan.Step is RootStep.Stay or RootStep.AwaitTrust) continue;
            steps.Add(plan.Step);
            ring = plan.Step switch
            {
                RootStep.Introduce => ring with { Incoming = _new },
                RootStep.MoveSigning => ring with { Active = ring.Incoming!, Incoming = null, Outgoing = ring.Active, RetireAt = RootPlanner.RetireAt(time.GetUtcNow(), CertificateLife) },
                _ => ring with { Outgoing = null, RetireAt = null },
            };
        }

        Assert.Equal([RootStep.Introduce, RootStep.MoveSigning, RootStep.Retire], steps);
        Assert.Equal([_new.Fingerprint], ring.Trusted.Select(root => root.Fingerprint));
    }

    [Fact]
    public void A_users_root_is_introduced_like_a_new_one()
    {
        var users = Users(_new);
        var plan = RootPlanner.Plan(new RootRing { Active = _old }, "", true, [], Start.AddDays(1), RootOwner.User, users);
        Assert.Equal(RootStep.Introduce, plan.Step);
        Assert.Equal(RootStep.Stay, RootPlanner.Plan(new RootRing { Active = users }, "", true, [], Start.AddDays(1), RootOwner.User, users).Step);
    }

    [Fact]
    public void A_users_root_is_the_users_to_renew()
    {
        var users = Users(_new);
        Assert.Equal(RootStep.Stay, RootPlanner.Plan(new RootRing { Active = users }, "asked", true, [], Start + (Life * 1.79), RootOwner.User, users).Step);
    }

    [Fact]
    public void When_the_users_authority_is_taken_away_an_own_root_is_introduced() =>
        Assert.Equal(RootStep.Introduce, RootPlanner.Plan(new RootRing { Active = Users(_new) }, "", true, [], Start.AddDays(1), RootOwner.Operator).Step);

    [Fact]
    public void A_users_authority_that_cannot_be_read_changes_nothing()
    {
        Assert.Equal(RootStep.Stay, RootPlanner.Plan(new RootRing { Active = _old }, "", true, [], Start.AddDays(1), RootOwner.Unchanged).Step);
        Assert.Equal(RootStep.Stay, RootPlanner.Plan(new RootRing { Active = Users(_new) }, "", true, [], Start.AddDays(1), RootOwner.Unchanged).Step);
    }

    [Fact]
    public void Signing_moves_at_once_when_the_key_of_the_present_root_is_gone()
    {
        var ring = new RootRing { Active = RootPair.ReadUsers(_old.CertificatePem)!, Incoming = _new };
        var plan = Plan(ring, Start.AddDays(1), published: false, proxies: [Trusts("default/a", _old)]);
        Assert.Equal(RootStep.MoveSigning, plan.Step);
        Assert.True(plan.IsForced);
    }

    private static RootPair Users(RootPair root)
    {
        var user = UserAuthority.Of(root.Certificate, [], [root.Certificate], root.NotBefore.AddDays(1), out var problem);
        Assert.True(user is not null, problem);
        return RootPair.Of(user);
    }

    private RootRing Overlap() => new() { Active = _old, Incoming = _new };

    private static RootPlan Plan(RootRing ring, DateTimeOffset now, string asked = "", bool published = true, ImmutableArray<ProxyTrust> proxies = default) =>
        RootPlanner.Plan(ring, asked, published, proxies.IsDefault ? [] : proxies, now);

    private static ProxyTrust Trusts(string pod, params RootPair[] roots) =>
        new(pod, new IdentityReport { TrustedRoots = [.. roots.Select(root => root.Fingerprint).Order()] });

    private static RootPair Root(DateTimeOffset from, byte number)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var serial = new byte[CertificateIssuer.SerialLength];
        serial[15] = number;
        return RootPair.Make(key, serial, "cluster.local", from, Life);
    }
}
