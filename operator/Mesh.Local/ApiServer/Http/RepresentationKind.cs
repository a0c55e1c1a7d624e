namespace Mesh.Local.ApiServer.Http;

internal enum RepresentationKind
{
    /// <summary>The object itself.</summary>
    Object,

    /// <summary>Rows and columns, as `kubectl get` shows them.</summary>
    Table,

    /// <summary>Only type and metadata of one object, or of each event of a watch.</summary>
    Metadata,

    /// <summary>Only type and metadata, of a list.</summary>
    MetadataList,
}
