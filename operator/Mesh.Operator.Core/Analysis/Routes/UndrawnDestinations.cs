using Mesh.Api;
using Mesh.Api.Networking;

namespace Mesh.Operator.Core.Analysis.Routes;

/// <summary>Destinations beside weighted ones that have no weight, which is a weight of 0 (MESH0026).</summary>
internal sealed class UndrawnDestinations : IAnalyser
{
    public IEnumerable<Finding> Analyse(Inventory mesh) => mesh.Parts.Rules.Entries.SelectMany(entry =>
        entry.Rule.Spec.Http.SelectMany((http, i) => Of([.. http.Route.Select(route => (route.Destination, route.Weight))], $"spec.http[{i}].route", entry.Rule.Key.ToString()))
            .Concat(entry.Rule.Spec.Tls.SelectMany((tls, i) => Of([.. tls.Route.Select(route => (route.Destination, route.Weight))], $"spec.tls[{i}].route", entry.Rule.Key.ToString())))
            .Concat(entry.Rule.Spec.Tcp.SelectMany((tcp, i) => Of([.. tcp.Route.Select(route => (route.Destination, route.Weight))], $"spec.tcp[{i}].route", entry.Rule.Key.ToString()))));

    private static IEnumerable<Finding> Of((Destination? Destination, int? Weight)[] route, string path, string resource)
    {
        if (route.Length < 2 || !route.Any(one => one.Weight > 0)) yield break;
        for (var i = 0; i < route.Length; i++)
        {
            // Somebody who writes 0 means it.
            if (route[i].Weight is null)
                yield return Found.Warning(FindingCodes.NeverDrawn, resource, $"{path}[{i}].weight", null,
                    $"Without a weight beside destinations that have one, {route[i].Destination?.Host} gets nothing.", "Write its weight, 0 if it shall get nothing.");
        }
    }
}
