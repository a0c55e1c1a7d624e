namespace Mesh.Operator.Runtime;

/// <summary>Which objects of a kind are watched, and how much of them.</summary>
public sealed record WatchScope
{
    /// <summary>One namespace; null for all.</summary>
    public string? Namespace { get; init; }

    public string? LabelSelector { get; init; }

    public string? FieldSelector { get; init; }

    /// <summary>Ask for metadata alone. A server that sends whole objects all the same is understood too.</summary>
    public bool MetadataOnly { get; init; }

    internal string? ListAccept => MetadataOnly ? "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json" : null;

    internal string? WatchAccept => MetadataOnly ? "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json" : null;

    internal string Query =>
        (LabelSelector is null ? "" : "&labelSelector=" + Uri.EscapeDataString(LabelSelector)) +
        (FieldSelector is null ? "" : "&fieldSelector=" + Uri.EscapeDataString(FieldSelector));
}
