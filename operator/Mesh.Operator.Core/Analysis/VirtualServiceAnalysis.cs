using System.Collections.Immutable;
using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Operator.Core.Analysis.Gateways;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis;

/// <summary>Judges VirtualServices.</summary>
internal sealed class VirtualServiceAnalysis(PlanParts parts, GatewayBook gateways)
{
    private readonly HostOwnership ownership = new(parts.Rules);

    private readonly DelegationAnalysis delegations = new(parts.Rules);

    private readonly DestinationAnalysis destinations = new(parts.Directory, parts.Policies);

    public RuleVerdict Judge(VirtualServiceEntry entry)
    {
        // What is wrong with the spec by itself does not keep the rest from being told: all mistakes at once.
        var missing = Gateways(entry).Concat(Destinations(entry)).Concat(delegations.Missing(entry)).ToList();
        var findings = entry.Problems.Concat(missing.Select(reference => reference.Finding));
        if (entry.IsValid) findings = findings.Concat(ownership.Conflicts(entry)).Concat(delegations.Conflicts(entry));
        findings = findings.Concat(Remarks(entry));
        return new RuleVerdict
        {
            Rule = entry.Rule.Key,
            Uid = entry.Rule.Uid,
            Generation = entry.Rule.Generation,
            NotAccepted = NotAccepted(entry),
            Unresolved = Reasons.Of(missing),
            Findings = Ordered(findings, entry.Rule.Key),
            IsForSidecars = entry.IsOnMesh,
            Details = new VirtualServiceStatus { Hosts = [.. ownership.Of(entry)], UsedBy = [.. delegations.UsedBy(entry)] },
        };
    }

    /// <summary>Errors first, each with the object it is about.</summary>
    public static ImmutableArray<Finding> Ordered(IEnumerable<Finding> findings, RuleKey rule) =>
        [.. findings.Select(finding => finding with { Resource = rule.ToString() }).OrderByDescending(finding => finding.Severity)];

    private string? NotAccepted(VirtualServiceEntry entry)
    {
        if (!entry.IsValid) return ConditionReasons.Invalid;
        return entry is { RoutesHttp: true, RoutesConnections: false } && entry.Hosts.All(host => ownership.WinnerOver(entry, host) is not null) ? ConditionReasons.HostOwnedByOther : null;
    }

    private IEnumerable<Reference> Gateways(VirtualServiceEntry entry)
    {
        for (var i = 0; i < entry.Rule.Spec.Gateways.Count; i++)
        {
            var written = entry.Rule.Spec.Gateways[i];
            if (written == MeshNames.MeshGateway || written.Contains(GatewayBook.Generated, StringComparison.Ordinal)) continue;
            var key = GatewayBook.Resolve(written, entry.Rule.Namespace);
            yield return new Reference(ConditionReasons.GatewayNotFound, gateways.Exists(key) ? Unserved(entry, written, $"spec.gateways[{i}]") : new Finding
            {
                Severity = Severity.Error,
                Code = FindingCodes.ReferencedResourceNotFound,
                Path = $"spec.gateways[{i}]",
                Value = written,
                Message = $"There is no Gateway {key}, so these rules are not served there.",
                Remedy = entry.IsOnMesh ? "Correct the name, create the Gateway, or leave it out." : "Correct the name or create the Gateway; add mesh to the gateways if sidecars shall follow these rules.",
            });
        }
    }

    private static Finding Unserved(VirtualServiceEntry entry, string written, string path) => new()
    {
        Severity = Severity.Warning,
        Code = FindingCodes.KindNotSupportedYet,
        Path = path,
        Value = written,
        Message = "This version of Mesh serves no Gateway yet, so these rules are not served there.",
        Remedy = entry.IsOnMesh ? "Nothing is to be done; sidecars follow these rules." : "Add mesh to the gateways if sidecars shall follow these rules.",
    };

    private IEnumerable<Reference> Destinations(VirtualServiceEntry entry)
    {
        foreach (var (destination, path) in Analysis.Destinations.Of(entry.Rule.Spec))
            foreach (var missing in destinations.Missing(destination, path, entry)) yield return missing;
    }

    private IEnumerable<Finding> Remarks(VirtualServiceEntry entry)
    {
        for (var i = 0; entry.RoutesHttp && i < entry.Rule.Spec.Hosts.Count; i++)
            if (WithoutHttp(entry, i) is { } opaque) yield return opaque;
        var unused = Unused(entry);
        foreach (var (destination, path) in Analysis.Destinations.Of(entry.Rule.Spec))
        {
            if (destinations.PortNeeded(destination, path, entry) is { } needed) yield return needed;
            if (!entry.IsValid || unused.Contains(path) || !destinations.IsComplete(destination, entry)) continue;
            if (WithoutEndpoints(destination, path, entry) is { } empty) yield return empty;
        }
    }

    // HTTP rules never meet what is declared to be something else.
    private Finding? WithoutHttp(VirtualServiceEntry entry, int host)
    {
        var written = entry.Rule.Spec.Hosts[host];
        if (parts.Directory.Find(HostNames.Resolve(written, entry.Rule.Namespace)) is not { } service || service.Ports.Items.Any(port => port.SpeaksHttp)) return null;
        return new Finding
        {
            Severity = Severity.Warning,
            Code = FindingCodes.NoEffect,
            Path = $"spec.hosts[{host}]",
            Value = written,
            Message = $"No port of {service.Host} speaks HTTP ({string.Join(", ", service.Ports.Items.Select(port => $"{port.Port} {port.Name}".TrimEnd()))}), so http rules have no effect on it.",
            Remedy = "If one does, begin its name in the Service with http-, http2- or grpc-, or set appProtocol.",
        };
    }

    // Nobody misses the pods of a destination that gets no share, as before and after a canary.
    private static HashSet<string> Unused(VirtualServiceEntry entry) =>
    [
        .. entry.Rule.Spec.Http.SelectMany((http, i) => http.Route
            .Select((route, j) => (route, Path: $"spec.http[{i}].route[{j}].destination"))
            .Where(pair => http.Route.Count > 1 && pair.route.Weight is null or 0)
            .Select(pair => pair.Path)),
    ];

    private Finding? WithoutEndpoints(Api.Networking.Destination? destination, string path, VirtualServiceEntry entry)
    {
        if (destinations.ServiceOf(destination, entry) is not { Kind: ServiceKind.ClusterIP } service) return null;
        var labels = LabelSet.Of(destinations.Policy(service, entry).Find(destination!.Subset ?? "")?.Labels);
        var port = DestinationResolver.PortOf(destination, service, service.Ports.Count > 0 ? service.Ports[0].Port : 0);
        var members = parts.Endpoints[service].Groups.Where(group => group.Port == port).SelectMany(group => group.Endpoints);
        if (members.Any(member => LabelSet.Of(member.Labels).Satisfies(labels))) return null;
        var subject = labels.IsEmpty ? service.Host : $"subset {destination.Subset} of {service.Host}";
        return new Finding
        {
            Severity = Severity.Warning,
            Code = FindingCodes.NoReadyEndpoints,
            Path = path,
            Value = destination.Host,
            Message = $"No pod of {subject} is ready: requests sent there answer 503 until one is.",
            Remedy = $"Look at the pods: kubectl get pods -n {service.Key.Namespace}{Selector(service, labels)}.",
        };
    }

    private static string Selector(Service service, LabelSet labels)
    {
        var all = LabelSet.Of(service.Selector.Values.SetItems(labels.Values));
        return all.IsEmpty ? "" : $" -l {all}";
    }
}
