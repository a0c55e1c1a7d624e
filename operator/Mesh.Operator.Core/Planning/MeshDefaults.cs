using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>What MeshConfig says of every rule: where those for the whole mesh stand, and who sees those that do not say it.</summary>
internal sealed record MeshDefaults
{
    public required string RootNamespace { get; init; }

    public ValueArray<string> ServiceExportTo { get; init; } = [];

    public ValueArray<string> VirtualServiceExportTo { get; init; } = [];

    public ValueArray<string> DestinationRuleExportTo { get; init; } = [];

    public static MeshDefaults Of(MeshWideSettings settings) => new()
    {
        RootNamespace = settings.RootNamespace,
        ServiceExportTo = settings.ServiceExportTo,
        VirtualServiceExportTo = settings.VirtualServiceExportTo,
        DestinationRuleExportTo = settings.DestinationRuleExportTo,
    };
}
