using System.Security.Cryptography;
using System.Text;

namespace Mesh.Local.ApiServer.Resources;

/// <summary>
/// By this clients tell whether the version a kind rests in has changed; it is the same for kinds that show the same objects.
/// </summary>
internal static class StorageVersionHash
{
    public static string? Of(ApiResource resource)
    {
        if (!resource.IsStored)
            return null;
        var group = resource.StoredAs is null ? resource.Group : "";
        var name = $"{group}/{resource.StorageVersion.Name}/{resource.Kind}";
        return Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 8));
    }
}
