using System.Collections.Frozen;
using System.Collections.Immutable;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>The Services by host name, in the order of their hosts.</summary>
internal sealed class ServiceDirectory
{
    private readonly FrozenDictionary<string, Service> byHost;

    public ServiceDirectory(IEnumerable<Service> services)
    {
        All = [.. services.OrderBy(service => service.Host, StringComparer.Ordinal)];
        byHost = All.ToFrozenDictionary(service => service.Host, StringComparer.Ordinal);
    }

    public ImmutableArray<Service> All { get; }

    public Service? Find(string host) => byHost.GetValueOrDefault(host);

    public ImmutableArray<Service> VisibleFrom(string clientNamespace) =>
        [.. All.Where(service => Visibility.Reaches(service.ExportTo, service.Key.Namespace, clientNamespace))];
}
