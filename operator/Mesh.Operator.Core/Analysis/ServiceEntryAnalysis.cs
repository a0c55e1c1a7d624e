using System.Collections.Immutable;
using System.Globalization;
using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis;

/// <summary>Judges ServiceEntries.</summary>
internal sealed class ServiceEntryAnalysis(PlanParts parts)
{
    // The namespaces that clients are in: only there does it matter who has a host.
    private readonly ImmutableArray<string> clients = [.. parts.Scopes.Values.Select(plan => plan.Scope.Namespace).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    public RuleVerdict Judge(EntryItem item)
    {
        var lost = item.IsValid ? item.Hosts.Select((host, i) => Lost(item, host, i)).ToList() : [];
        var services = item.IsValid ? item.Hosts.Select(host => OwnService(item, host)).OfType<Service>().ToList() : [];
        var missing = services.Count > 0 ? Missing(item, services[0]) : null;
        var findings = item.Problems.Concat(lost.Select(one => one.Finding).Append(missing?.Finding).Append(services.Count > 0 ? Empty(item, services[0]) : null).OfType<Finding>());
        return new RuleVerdict
        {
            Rule = item.Rule.Key,
            Uid = item.Rule.Uid,
            Generation = item.Rule.Generation,
            NotAccepted = !item.IsValid ? ConditionReasons.Invalid : lost.Count > 0 && lost.All(one => one.IsWhole) ? ConditionReasons.HostOwnedByOther : null,
            Unresolved = missing?.Reason,
            Findings = VirtualServiceAnalysis.Ordered(findings, item.Rule.Key),
            Details = new ServiceEntryStatus
            {
                Addresses = [.. parts.Entries.AddressesOf(item).Items.Select(address => new ServiceEntryAddress { Host = address.Host, Value = address.Value })],
                Endpoints = services.Count > 0 ? Summary(services[0]) : null,
            },
        };
    }

    private Service? OwnService(EntryItem item, string host) => parts.Directory.Claims(host).FirstOrDefault(service => service.Entries.Items.Contains(item.Rule.Key));

    private (bool IsWhole, Finding? Finding) Lost(EntryItem item, string host, int index)
    {
        var claims = parts.Directory.Claims(host);
        var own = OwnService(item, host);
        var seen = own is null ? [] : clients.Where(client => Visibility.Reaches(own.ExportTo, own.Key.Namespace, client)).ToList();
        var elsewhere = seen.Where(client => !ReferenceEquals(parts.Directory.Find(host, client), own)).ToList();
        if (own is not null && elsewhere.Count == 0) return (false, null);
        var winner = own is null ? claims.First(service => service.Key.Namespace == item.Rule.Namespace) : parts.Directory.Find(host, elsewhere[0])!;
        var isWhole = own is null || elsewhere.Count == seen.Count;
        return (isWhole, new Finding
        {
            Severity = Severity.Warning,
            Code = FindingCodes.ConflictingServiceHosts,
            Path = $"spec.hosts[{index.ToString(CultureInfo.InvariantCulture)}]",
            Value = host,
            Message = $"{Name(winner)} has this host{(isWhole ? "" : $" for clients in {string.Join(", ", elsewhere)}")}, {(winner.IsOfEntry ? "being older" : "as every Service of the cluster has its own name")}; this one is not used{(isWhole ? "" : " there")}.",
            Remedy = winner.IsOfEntry ? "Delete one of the two, or limit one with exportTo." : "Remove the host; to change how the Service is called write a DestinationRule or VirtualService.",
        });
    }

    private static string Name(Service service) => service.IsOfEntry ? service.Entries[0].ToString() : $"Service/{service.Key}";

    private Reference? Missing(EntryItem item, Service service)
    {
        if (service.Selector.IsEmpty || service.Kind == ServiceKind.Unresolved || Count(service) > 0) return null;
        return new Reference(ConditionReasons.NoMatchingPods, new Finding
        {
            Severity = Severity.Warning,
            Code = FindingCodes.NoMatchingWorkloadsFound,
            Path = "spec.workloadSelector",
            Value = service.Selector.ToString(),
            Message = $"No WorkloadEntry and no ready pod in {item.Rule.Namespace} has these labels, so the service has no endpoint.",
            Remedy = "Correct the labels, or create the WorkloadEntries.",
        });
    }

    private Finding? Empty(EntryItem item, Service service)
    {
        if (service.Kind is not (ServiceKind.Static or ServiceKind.Dns or ServiceKind.DnsRoundRobin) || !service.Selector.IsEmpty) return null;
        if (EntryMembers.IsItsOwnMember(service) || service.Ports.Count == 0 || Count(service) > 0) return null;
        return new Finding
        {
            Severity = Severity.Warning,
            Code = FindingCodes.NoReadyEndpoints,
            Path = "spec.endpoints",
            Message = $"No endpoint can be used for resolution {item.Rule.Spec.Resolution}: requests fail until there is one.",
            Remedy = service.Kind == ServiceKind.Static ? "Add an endpoint with an IP address." : "Add an endpoint with a name or an address.",
        };
    }

    private int Count(Service service) =>
        parts.Endpoints[service].Groups.Select(group => group.Endpoints.Select(endpoint => endpoint.Address).Distinct(StringComparer.Ordinal).Count()).DefaultIfEmpty(0).Max();

    private string Summary(Service service) => service.Kind switch
    {
        ServiceKind.Unresolved => "as addressed",
        ServiceKind.DynamicDns => "DNS as asked for",
        _ when EntryMembers.IsItsOwnMember(service) => "DNS",
        ServiceKind.Dns or ServiceKind.DnsRoundRobin => $"{Count(service)} by DNS",
        _ => Count(service).ToString(CultureInfo.InvariantCulture),
    };
}
