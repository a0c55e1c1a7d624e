namespace Mesh.Local.ApiServer.Http;

internal enum RepresentationKind
{
    /// <summary>The object itself.</summary>
    Object,

    /// <summary>Rows and columns, as `kubectl get` shows them.</summary>
    Table,

    /// <summary>Only type and metadata.</summary>
    Metadata,
}
