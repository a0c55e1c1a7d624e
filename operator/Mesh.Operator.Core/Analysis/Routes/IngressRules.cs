using Mesh.Api;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis.Routes;

/// <summary>
/// Rules of gateways that lead to a service whose versions only rules of sidecars choose (IST0140): what comes through the
/// gateway is routed there once and for all, so it goes to any version.
/// </summary>
internal sealed class IngressRules : IAnalyser
{
    public IEnumerable<Finding> Analyse(Inventory mesh)
    {
        var choosing = mesh.Parts.Rules.Routing.Where(entry => Destinations.Of(entry.Rule.Spec).Any(named => !string.IsNullOrEmpty(named.Destination?.Subset)))
            .SelectMany(entry => entry.Hosts.Select(host => (host, entry))).ToLookup(pair => pair.host, pair => pair.entry, StringComparer.Ordinal);
        foreach (var entry in mesh.Parts.Rules.Entries.Where(entry => !entry.IsOnMesh))
        {
            foreach (var (destination, path) in Destinations.Of(entry.Rule.Spec))
            {
                if (string.IsNullOrEmpty(destination?.Host) || !string.IsNullOrEmpty(destination.Subset)) continue;
                var host = HostNames.Resolve(destination.Host, entry.Rule.Namespace);
                if (choosing[host].FirstOrDefault(other => other.Reaches(entry.Rule.Namespace)) is not { } other) continue;
                yield return Found.Warning(FindingCodes.IngressRouteRulesNotAffected, entry.Rule.Key.ToString(), path, destination.Host,
                    $"VirtualService {other.Rule.Key.Object} chooses versions of {host} for sidecars; what this rule sends there from the gateway does not meet it and goes to any version.",
                    $"Name a subset here too, or bind {other.Rule.Key.Object} to the gateway.");
            }
        }
    }
}
