using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Api.Validation;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis.Sidecars;

/// <summary>A VirtualService that routes to a service which the Sidecar of its own namespace hides from the pods there (MESH0023).</summary>
internal sealed class HiddenDestinations : IAnalyser
{
    public IEnumerable<Finding> Analyse(Inventory mesh)
    {
        var sidecars = mesh.Snapshot.Sidecars.Values.Where(sidecar => LabelSet.Of(sidecar.Spec.WorkloadSelector?.Labels).IsEmpty && sidecar.Spec.Egress.Count > 0)
            .Order(Comparer<Rule<SidecarSpec>>.Create(Rule<SidecarSpec>.CompareByAge)).ToLookup(sidecar => sidecar.Namespace, StringComparer.Ordinal);
        if (sidecars.Count == 0) yield break;
        foreach (var entry in mesh.Parts.Rules.Entries.Where(entry => entry is { IsValid: true, IsOnMesh: true }))
        {
            var space = entry.Rule.Namespace;
            if ((sidecars[space].FirstOrDefault() ?? sidecars[mesh.Snapshot.Settings.RootNamespace].FirstOrDefault()) is not { } sidecar) continue;
            foreach (var (destination, path) in Destinations.Of(entry.Rule.Spec))
            {
                if (string.IsNullOrEmpty(destination?.Host) || mesh.Parts.Directory.Find(HostNames.Resolve(destination.Host, space)) is not { } service || Shows(sidecar, service, space)) continue;
                yield return Found.Warning(FindingCodes.HiddenBySidecar, entry.Rule.Key.ToString(), $"{path}.host", destination.Host,
                    $"Sidecar {sidecar.Key.Object} leaves {service.Host} out of what the pods of {space} are told of: what this rule sends there answers 503.",
                    $"Add {(service.Key.Namespace == space ? "." : service.Key.Namespace)}/{service.Host} to an egress of Sidecar {sidecar.Key.Object}.");
            }
        }
    }

    private static bool Shows(Rule<SidecarSpec> sidecar, Service service, string clients) => sidecar.Spec.Egress.SelectMany(listener => listener.Hosts).Any(written =>
    {
        var slash = written.IndexOf('/', StringComparison.Ordinal);
        var space = slash < 0 ? "*" : written[..slash];
        var host = slash < 0 ? written : written[(slash + 1)..];
        var isSeen = space == "*" || space == service.Key.Namespace || (space == "." && service.Key.Namespace == clients);
        return isSeen && (host == "*" || HostPattern.IsWithin(service.Host, host.ToLowerInvariant()));
    });
}
