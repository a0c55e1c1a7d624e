using Mesh.Api;
using Mesh.Api.Networking;
using System.Text.Json;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis.Routes;

/// <summary>Weighted destinations of which some stick to a user and others do not, or by another key (MESH0027).</summary>
internal sealed class StickySplits : IAnalyser
{
    public IEnumerable<Finding> Analyse(Inventory mesh) => mesh.Parts.Rules.Entries.Where(entry => entry.IsValid)
        .SelectMany(entry => entry.Rule.Spec.Http.Select((http, i) => Of(http, $"spec.http[{i}].route", entry, mesh.Parts)).OfType<Finding>());

    private static Finding? Of(HttpRoute http, string path, VirtualServiceEntry entry, PlanParts parts)
    {
        var drawn = http.Route.Where(route => route.Weight > 0).ToList();
        if (drawn.Count < 2) return null;
        var keys = drawn.Select(route => Key(route.Destination, entry, parts)).ToList();
        if (keys.All(key => key is null) || keys.Distinct().Count() == 1) return null;
        var odd = drawn.Zip(keys).First(pair => pair.Second != keys.First(key => key is not null));
        return Found.Warning(FindingCodes.SplitWithoutSharedKey, entry.Rule.Key.ToString(), path, odd.First.Destination?.Subset ?? odd.First.Destination?.Host,
            "Some of these destinations keep a user (consistentHash) and others do not, or by another key: which of them a request goes to is then drawn anew each time, and the user changes version.",
            "Give all of them the same consistentHash, for example in the DestinationRule's own trafficPolicy and not in one subset's.");
    }

    private static string? Key(Destination? destination, VirtualServiceEntry entry, PlanParts parts)
    {
        if (string.IsNullOrEmpty(destination?.Host) || parts.Directory.Find(HostNames.Resolve(destination.Host, entry.Rule.Namespace)) is not { } service) return null;
        var policy = parts.Policies.For(Scope.Anyone(entry.Rule.Namespace), service);
        var hash = policy.Find(destination.Subset ?? "")?.TrafficPolicy?.LoadBalancer is { } own ? own.ConsistentHash : policy.TrafficPolicy?.LoadBalancer?.ConsistentHash;
        return hash is null ? null : JsonSerializer.Serialize(new { hash.HttpHeaderName, hash.HttpCookie?.Name, hash.UseSourceIp, hash.HttpQueryParameterName });
    }
}
