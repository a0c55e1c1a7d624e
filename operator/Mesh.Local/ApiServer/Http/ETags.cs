using System.Security.Cryptography;

namespace Mesh.Local.ApiServer.Http;

internal static class ETags
{
    public static string Of(ReadOnlySpan<byte> content) => "\"" + Convert.ToHexString(SHA512.HashData(content)) + "\"";
}
