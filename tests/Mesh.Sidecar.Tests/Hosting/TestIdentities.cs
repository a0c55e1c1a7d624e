using System.Security.Cryptography.X509Certificates;
using Mesh.Config.Identity;
using Mesh.Sidecar.Identity;
using Mesh.Testing;

namespace Mesh.Sidecar.Tests.Hosting;

/// <summary>Identities of the trust domain <c>cluster.local</c>, as a sidecar holds them.</summary>
internal static class TestIdentities
{
    public const string TrustDomain = "cluster.local";

    public static string Id(string account, string @namespace = "default", string trustDomain = TrustDomain) => $"spiffe://{trustDomain}/ns/{@namespace}/sa/{account}";

    /// <summary>A fresh certificate for this service account.</summary>
    public static WorkloadIdentity Identity(this TestAuthority authority, string account, string @namespace = "default") =>
        authority.IdentityOf(Id(account, @namespace));

    /// <summary>A fresh certificate for this id, valid as long as told.</summary>
    public static WorkloadIdentity IdentityOf(this TestAuthority authority, string id, DateTimeOffset? from = null, DateTimeOffset? until = null)
    {
        Assert.True(SpiffeId.TryParse(id, out var parsed));
        return new WorkloadIdentity(authority.Issue(id, from, until), [], parsed);
    }

    /// <summary>Trust in these roots.</summary>
    public static TrustBundle Trust(params TestAuthority[] authorities)
    {
        var roots = new X509Certificate2Collection();
        foreach (var authority in authorities) roots.AddRange(authority.Roots);
        return new TrustBundle { Roots = roots, TrustDomain = TrustDomain, Operator = new SpiffeId(TrustDomain, "mesh-system", "mesh-operator") };
    }

    /// <summary>Gives the sidecar a certificate of this authority, and trust in it.</summary>
    public static void Put(this IdentityState state, TestAuthority authority, string account, string @namespace = "default")
    {
        state.Put(Trust(authority));
        state.Put(authority.Identity(account, @namespace));
    }
}
