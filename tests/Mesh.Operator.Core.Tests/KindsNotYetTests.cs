using k8s;
using k8s.Models;
using Mesh.Api;
using Mesh.Api.Security;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;
using Mesh.Operator.Core.Status;

namespace Mesh.Operator.Core.Tests;

/// <summary>Kinds this version does not act on: kept, judged, told.</summary>
public sealed class KindsNotYetTests
{
    public static TheoryData<string> Kinds => [.. ApiKinds.Table.Where(kind => kind.NotYet is not null).Select(kind => kind.Kind)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_object_is_told_that_nothing_happens_and_what_does_meanwhile(string kind)
    {
        var plan = MeshPlanner.Plan(ApiKinds.Named(kind)!.Accept(new Stored()));

        var patch = Assert.Single(StatusPlanner.Plan(plan, new Dictionary<ObjectKey, ProxyObservation>(), new Dictionary<RuleKey, WrittenStatus>(), DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch).Patches);
        var accepted = patch.Status.Conditions.Single(condition => condition.Type == ConditionTypes.Accepted);
        Assert.Equal("False", accepted.Status);
        // An empty spec breaks the rules of some kinds, which is what a user has to hear first.
        Assert.Contains(accepted.Reason, new[] { ConditionReasons.NotSupportedYet, ConditionReasons.Invalid });
        Assert.Contains(patch.Status.Findings, finding => finding.Code == FindingCodes.KindNotSupportedYet && finding.Message.EndsWith(ApiKinds.Named(kind)!.NotYet!, StringComparison.Ordinal));
    }

    [Fact]
    public void A_valid_one_is_not_supported_yet_and_a_broken_one_is_invalid()
    {
        Assert.Equal(ConditionReasons.NotSupportedYet, Verdict(new AuthorizationPolicySpec()).NotAccepted);
        Assert.Equal(ConditionReasons.Invalid, Verdict(new AuthorizationPolicySpec { Action = "DENY" }).NotAccepted);
    }

    [Fact]
    public void One_that_is_deleted_is_forgotten()
    {
        var policy = Policy(new AuthorizationPolicySpec());
        var snapshot = MeshSnapshot.Empty.PutNotYet("AuthorizationPolicy", policy, policy.Spec);

        Assert.Same(snapshot, snapshot.PutNotYet("AuthorizationPolicy", policy, policy.Spec));
        Assert.Empty(snapshot.RemoveNotYet("AuthorizationPolicy", policy).OfKindsNotYet);
    }

    private static RuleVerdict Verdict(AuthorizationPolicySpec spec)
    {
        var policy = Policy(spec);
        return Assert.Single(MeshPlanner.Plan(MeshSnapshot.Empty.PutNotYet("AuthorizationPolicy", policy, spec)).Verdicts.Values);
    }

    private static V1AuthorizationPolicy Policy(AuthorizationPolicySpec spec) => new() { Metadata = new V1ObjectMeta { Name = "a", NamespaceProperty = "default", Uid = "u" }, Spec = spec };

    private sealed class Stored : IApiKindVisitor<MeshSnapshot>
    {
        public MeshSnapshot Visit<TEntity, TSpec>(ApiKind kind)
            where TEntity : class, IKubernetesObject<V1ObjectMeta>, ISpec<TSpec>, new()
            where TSpec : class, ISpecFromUser, new() =>
            MeshSnapshot.Empty.PutNotYet(kind.Kind, new TEntity { Metadata = new V1ObjectMeta { Name = "a", NamespaceProperty = "default", Uid = "u", Generation = 1 } }, new TSpec());
    }
}
