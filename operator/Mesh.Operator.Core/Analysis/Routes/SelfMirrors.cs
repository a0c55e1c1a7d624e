using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis.Routes;

/// <summary>Copies that are sent to where the request itself goes (MESH0025).</summary>
internal sealed class SelfMirrors : IAnalyser
{
    public IEnumerable<Finding> Analyse(Inventory mesh) => mesh.Parts.Rules.Entries.SelectMany(entry => entry.Rule.Spec.Http.SelectMany((http, i) => Of(http, $"spec.http[{i}]", entry.Rule)));

    private static IEnumerable<Finding> Of(HttpRoute http, string path, Rule<VirtualServiceSpec> rule)
    {
        var taken = http.Route.Where(route => http.Route.Count == 1 || route.Weight > 0).Select(route => Place(route.Destination, rule.Namespace)).ToHashSet();
        foreach (var (mirror, at) in Mirrors(http, path))
        {
            if (string.IsNullOrEmpty(mirror?.Host) || !taken.Contains(Place(mirror, rule.Namespace))) continue;
            yield return Found.Warning(FindingCodes.MirrorsToItself, rule.Key.ToString(), at, mirror.Host,
                "Copies go to the very destination that gets the requests: it does everything twice, writes included.", "Name another subset or service, or remove the mirror.");
        }
    }

    private static IEnumerable<(Destination? Mirror, string Path)> Mirrors(HttpRoute http, string path) =>
        http.Mirrors.Select((mirror, i) => (mirror.Destination, $"{path}.mirrors[{i}].destination")).Append((http.Mirror, $"{path}.mirror"));

    private static (string Host, string Subset, int Port) Place(Destination? destination, string space) =>
        (HostNames.Resolve(destination?.Host ?? "", space), destination?.Subset ?? "", (int)(destination?.Port?.Number ?? 0));
}
