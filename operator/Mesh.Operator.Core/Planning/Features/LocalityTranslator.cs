using System.Collections.Immutable;
using Mesh.Api.Networking;
using Mesh.Config;

namespace Mesh.Operator.Core.Planning.Features;

/// <summary>A policy's localities, or the mesh's -> which members are preferred.</summary>
internal static class LocalityTranslator
{
    /// <summary>Null where localities make no difference.</summary>
    /// <param name="ofRule">Of the DestinationRule: takes the place of the mesh's as a whole.</param>
    /// <param name="ofMesh">Of MeshConfig.</param>
    /// <param name="ejects">Failing members are found out: without that nobody would ever know that the near ones fail.</param>
    public static LocalityPolicy? Translate(LocalityLoadBalancerSetting? ofRule, LocalityLoadBalancerSetting? ofMesh, bool ejects)
    {
        var setting = ofRule ?? ofMesh ?? new LocalityLoadBalancerSetting();
        if (setting.Enabled == false) return null;
        if (setting.Distribute.Count > 0)
            return new LocalityPolicy { Prefer = false, Distribute = [.. setting.Distribute.Select(Of)] };
        if (!ejects) return null;
        return new LocalityPolicy
        {
            Failover = [.. setting.Failover.Where(failover => failover is { From.Length: > 0, To.Length: > 0 }).Select(failover => new RegionFailover(failover.From!, failover.To!))],
            FailoverPriority = [.. setting.FailoverPriority],
        };
    }

    /// <summary>The labels that a policy compares.</summary>
    public static IEnumerable<string> LabelKeys(LocalityLoadBalancerSetting? setting) => setting is null ? [] :
        setting.FailoverPriority.Select(label => label.Split('=', 2)[0]).Where(key => key.Length > 0);

    private static LocalityShares Of(LocalityDistribute distribute) => new()
    {
        From = distribute.From ?? "",
        To = distribute.To.ToImmutableSortedDictionary(StringComparer.Ordinal),
    };
}
