using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Api.Validation;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis;

/// <summary>Whether the destination of a route exists, seen from the namespace of the rule.</summary>
internal sealed class DestinationAnalysis(ServiceDirectory directory, PolicyBook policies)
{
    /// <summary>What is missing, or null. A destination with several ports and none named is left to the client's port.</summary>
    public Reference? Missing(Destination? destination, string path, VirtualServiceEntry entry)
    {
        if (string.IsNullOrEmpty(destination?.Host)) return null; // the validator's to say
        var host = HostNames.Resolve(destination.Host, entry.Rule.Namespace);
        if (directory.Find(host) is not { } service || !Visibility.Reaches(service.ExportTo, service.Key.Namespace, entry.Rule.Namespace))
            return NoHost(destination.Host, host, path, entry);
        if (destination.Port?.Number is { } number && service.Ports.All(port => port.Port != number))
            return NoPort(number, service, path);
        if (!string.IsNullOrEmpty(destination.Subset) && Policy(service, entry).Find(destination.Subset) is null)
            return NoSubset(destination.Subset, service, path, entry);
        return null;
    }

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

    private static Reference NoPort(int number, Service service, string path) => new(ConditionReasons.PortNotFound, new Finding
    {
        Severity = Severity.Error,
        Code = FindingCodes.ReferencedResourceNotFound,
        Path = $"{path}.port.number",
        Value = number.ToString(System.Globalization.CultureInfo.InvariantCulture),
        Message = $"{service.Host} has no TCP port {number}; requests sent there answer 503.",
        Remedy = service.Ports.Count == 0 ? "Add the port to the Service." : $"Its ports are {Ports(service)}.",
    });

    private Reference NoSubset(string subset, Service service, string path, VirtualServiceEntry entry)
    {
        var known = Policy(service, entry).Subsets.Select(candidate => candidate.Name!).ToList();
        var nearest = Spelling.Nearest(subset, known);
        return new Reference(ConditionReasons.SubsetNotFound, new Finding
        {
            Severity = Severity.Error,
            Code = FindingCodes.ReferencedResourceNotFound,
            Path = $"{path}.subset",
            Value = subset,
            Message = $"No DestinationRule that applies defines this subset of {service.Host}; requests sent there answer 503.",
            Remedy = nearest is not null ? $"Did you mean {nearest}?"
                : known.Count > 0 ? $"Defined are {string.Join(", ", known)}; add the subset to the DestinationRule."
                : $"Create a DestinationRule for {service.Host} with the subset {subset}.",
        });
    }

    private static string Ports(Service service) => string.Join(", ", service.Ports.Items.Select(port => port.Port));
}
