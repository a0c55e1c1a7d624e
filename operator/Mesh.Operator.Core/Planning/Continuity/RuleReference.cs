using Mesh.Api.Networking;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning.Continuity;

/// <summary>A destination that a VirtualService names.</summary>
/// <param name="Host">Full name.</param>
/// <param name="Port">As written; null where none is.</param>
/// <param name="Subset">Empty where none is.</param>
internal readonly record struct RuleReference(string Host, int? Port, string Subset)
{
    /// <summary>Those that some traffic is for: a destination without a share may lead nowhere.</summary>
    public static IEnumerable<RuleReference> Of(Rule<VirtualServiceSpec> rule)
    {
        var spec = rule.Spec;
        var named = spec.Http.SelectMany(http => http.Route.Where(route => http.Route.Count == 1 || route.Weight is > 0).Select(route => route.Destination))
            .Concat(spec.Tls.SelectMany(tls => tls.Route.Where(route => tls.Route.Count == 1 || route.Weight is > 0).Select(route => route.Destination)))
            .Concat(spec.Tcp.SelectMany(tcp => tcp.Route.Where(route => tcp.Route.Count == 1 || route.Weight is > 0).Select(route => route.Destination)));
        return named.Where(destination => !string.IsNullOrEmpty(destination?.Host))
            .Select(destination => new RuleReference(HostNames.Resolve(destination!.Host!, rule.Namespace), destination.Port?.Number is > 0 ? destination.Port.Number : null, destination.Subset ?? ""))
            .Distinct();
    }
}
