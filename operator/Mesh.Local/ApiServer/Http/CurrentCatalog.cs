using Mesh.Local.ApiServer.Resources;

namespace Mesh.Local.ApiServer.Http;

/// <summary>The one place that holds the catalogue of the moment; swapped whole.</summary>
internal sealed class CurrentCatalog
{
    private ResourceCatalog now = new([.. BuiltInResources.All, .. UnusedResources.All]);

    public ResourceCatalog Now
    {
        get => Volatile.Read(ref now);
        set => Volatile.Write(ref now, value);
    }
}
