using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Api.Validation;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis;

/// <summary>Whether the destination of a route exists, seen from the namespace of the rule.</summary>
internal sealed class DestinationAnalysis(ServiceDirectory directory, PolicyBook policies)
{
    /// <summary>What is missing: the host, else its port; and the subset. A destination with several ports and none named is left to the client's port.</summary>
    public IEnumerable<Reference> Missing(Destination? destination, string path, VirtualServiceEntry entry)
    {
        if (string.IsNullOrEmpty(destination?.Host)) yield break; // the validator's to say
        var host = HostNames.Resolve(destination.Host, entry.Rule.Namespace);
        var service = directory.Find(host);
        if (service is null && Wildcard(host, entry) is { } wildcard)
            yield return OnlyWithin(wildcard, host, path);
        else if (service is null || !Clients(entry).All(space => Visibility.Reaches(service.ExportTo, service.Key.Namespace, space)))
            yield return NoHost(destination.Host, host, path, entry);
        else if (destination.Port?.Number is { } number && service.Ports.All(port => port.Port != number))
            yield return NoPort(number, service, path);
        if (!string.IsNullOrEmpty(destination.Subset) && Subsets(host, service, entry) is var known && (service is not null || known.Count > 0) && !known.Contains(destination.Subset))
            yield return NoSubset(destination.Subset, host, service, path, entry);
    }

    /// <summary>Nothing is missing.</summary>
    public bool IsComplete(Destination? destination, VirtualServiceEntry entry) => !Missing(destination, "", entry).Any();

    // A rule that is made for certain namespaces has to lead somewhere there.
    private static IEnumerable<string> Clients(VirtualServiceEntry entry) =>
        entry.Rule.Spec.ExportTo.Where(space => space is not ("*" or "~" or ".")).DefaultIfEmpty(entry.Rule.Namespace);

    // Of a host that is no service, rules may still name subsets.
    private List<string> Subsets(string host, Service? service, VirtualServiceEntry entry) => service is not null
        ? [.. Policy(service, entry).Subsets.Select(subset => subset.Name!)]
        : [.. policies.Entries.Where(policy => policy.IsValid && HostPattern.IsWithin(host, policy.Host)).SelectMany(policy => policy.Rule.Spec.Subsets).Select(subset => subset.Name ?? "").Distinct()];

    /// <summary>A service with several ports needs to be told which.</summary>
    public Finding? PortNeeded(Destination? destination, string path, VirtualServiceEntry entry)
    {
        if (string.IsNullOrEmpty(destination?.Host) || destination.Port?.Number is > 0) return null;
        var service = directory.Find(HostNames.Resolve(destination.Host, entry.Rule.Namespace));
        if (service is null || service.Ports.Count < 2) return null;
        return new Finding
        {
            Severity = Severity.Warning,
            Code = FindingCodes.VirtualServiceDestinationPortSelectorRequired,
            Path = $"{path}.port",
            Message = $"{service.Host} has several ports ({Ports(service)}) and none is named: the port the client addressed is used.",
            Remedy = $"Add port: {{number: {service.Ports[0].Port}}} (or another of them).",
        };
    }

    public Service? ServiceOf(Destination? destination, VirtualServiceEntry entry) =>
        string.IsNullOrEmpty(destination?.Host) ? null : directory.Find(HostNames.Resolve(destination.Host, entry.Rule.Namespace));

    public DestinationPolicy Policy(Service service, VirtualServiceEntry entry) => policies.For(Scope.Anyone(entry.Rule.Namespace), service);

    private Reference NoHost(string written, string host, string path, VirtualServiceEntry entry) => new(ConditionReasons.HostNotFound, new Finding
    {
        Severity = Severity.Error,
        Code = FindingCodes.ReferencedResourceNotFound,
        Path = $"{path}.host",
        Value = written,
        Message = written == host ? "No service of this name is visible here; requests sent there answer 503." : $"There is no service {host}; requests sent there answer 503.",
        Remedy = Suggestions.ForHost(written, entry.Rule.Namespace, directory.VisibleFrom(entry.Rule.Namespace)),
    });

    private Service? Wildcard(string host, VirtualServiceEntry entry) =>
        directory.VisibleFrom(entry.Rule.Namespace).FirstOrDefault(service => HostPattern.IsWildcard(service.Host) && HostPattern.IsWithin(host, service.Host));

    private static Reference OnlyWithin(Service wildcard, string host, string path) => new(ConditionReasons.HostNotFound, new Finding
    {
        Severity = Severity.Error,
        Code = FindingCodes.OnlyWithinWildcard,
        Path = $"{path}.host",
        Value = host,
        Message = $"Only {wildcard.Host} holds this name, and a route leads to an entry as it is written; requests sent there answer 503.",
        Remedy = $"Write a ServiceEntry for {host}, or route to \"{wildcard.Host}\", which sends requests where their clients meant them to go.",
    });

    private static Reference NoPort(int number, Service service, string path) => new(ConditionReasons.PortNotFound, new Finding
    {
        Severity = Severity.Error,
        Code = FindingCodes.ReferencedResourceNotFound,
        Path = $"{path}.port.number",
        Value = number.ToString(System.Globalization.CultureInfo.InvariantCulture),
        Message = $"{service.Host} has no TCP port {number}; requests sent there answer 503.",
        Remedy = service.Ports.Count == 0 ? "Add the port to the Service." : $"Its ports are {Ports(service)}.",
    });

    private Reference NoSubset(string subset, string host, Service? service, string path, VirtualServiceEntry entry)
    {
        var known = Subsets(host, service, entry);
        var nearest = Spelling.Nearest(subset, known);
        return new Reference(ConditionReasons.SubsetNotFound, new Finding
        {
            Severity = Severity.Error,
            Code = FindingCodes.ReferencedResourceNotFound,
            Path = $"{path}.subset",
            Value = subset,
            Message = $"No DestinationRule that applies defines this subset of {host}; requests sent there answer 503.",
            Remedy = nearest is not null ? $"Did you mean {nearest}?"
                : known.Count > 0 ? $"Defined are {string.Join(", ", known)}; add the subset to the DestinationRule."
                : $"Create a DestinationRule for {host} with the subset {subset}.",
        });
    }

    private static string Ports(Service service) => string.Join(", ", service.Ports.Items.Select(port => port.Port));
}
