using System.Collections.Immutable;

namespace Mesh.Config;

/// <summary>A config while its sections are read.</summary>
internal sealed class ConfigParts
{
    public WorkloadConfig? Workload { get; set; }

    public MeshSettings? Mesh { get; set; }

    public InboundConfig? Inbound { get; set; }

    public OutboundConfig? Outbound { get; set; }

    public ImmutableArray<RouteTable>.Builder Routes { get; } = ImmutableArray.CreateBuilder<RouteTable>();

    public ImmutableArray<Cluster>.Builder Clusters { get; } = ImmutableArray.CreateBuilder<Cluster>();

    public ImmutableArray<EndpointGroup>.Builder Endpoints { get; } = ImmutableArray.CreateBuilder<EndpointGroup>();

    public ProxyConfig Assemble(Manifest manifest) => new()
    {
        Manifest = manifest,
        Workload = Workload!,
        Mesh = Mesh!,
        Inbound = Inbound!,
        Outbound = Outbound!,
        Routes = Routes.ToImmutable(),
        Clusters = Clusters.ToImmutable(),
        Endpoints = Endpoints.ToImmutable(),
    };

    /// <summary>Sections that every config has and the manifest did not name.</summary>
    public IEnumerable<string> MissingFrom(Manifest manifest) =>
        new[] { SectionNames.Workload, SectionNames.Mesh, SectionNames.Inbound, SectionNames.Outbound }
            .Where(name => !manifest.Sections.Any(section => section.Name == name));
}
