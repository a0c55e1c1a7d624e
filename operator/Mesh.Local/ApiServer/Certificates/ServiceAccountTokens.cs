using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Certificates;

/// <summary>
/// Signs and reads tokens of ServiceAccounts: JSON web tokens under ES256. A token only says who asks; whether the account
/// and the pod it is bound to still exist is asked of the store by the Authenticator.
/// </summary>
internal sealed class ServiceAccountTokens : IDisposable
{
    public const string Issuer = "https://kubernetes.default.svc.cluster.local";
    private readonly ECDsa key;

    private ServiceAccountTokens(ECDsa key)
    {
        this.key = key;
        KeyId = Base64Url.EncodeToString(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));
    }

    public string KeyId { get; }

    public static ServiceAccountTokens Open(string directory)
    {
        var path = Path.Combine(directory, "sa.key");
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (File.Exists(path))
            key.ImportFromPem(File.ReadAllText(path));
        else
            PrivateFile.Write(path, key.ExportPkcs8PrivateKeyPem());
        return new ServiceAccountTokens(key);
    }

    public string Sign(JsonObject claims)
    {
        var header = new JsonObject { ["alg"] = "ES256", ["kid"] = KeyId, ["typ"] = "JWT" };
        var text = Base64Url.EncodeToString(header.ToBytes()) + "." + Base64Url.EncodeToString(claims.ToBytes());
        return text + "." + Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256));
    }

    public TokenReading Read(string token, DateTimeOffset now)
    {
        var parts = token.Split('.');
        if (parts.Length != 3 || parts.Any(part => !Base64Url.IsValid(part)) || Claims(parts[1]) is not { } claims || claims.Text("iss") != Issuer)
            return new TokenReading(null, null);
        var signature = Base64Url.DecodeFromChars(parts[2]);
        if (!key.VerifyData(Encoding.ASCII.GetBytes(parts[0] + "." + parts[1]), signature, HashAlgorithmName.SHA256))
            return new TokenReading(null, "go-jose/go-jose: error in cryptographic primitive");
        var seconds = now.ToUnixTimeSeconds();
        if (claims.Integer("exp") is not { } end || end <= seconds)
            return new TokenReading(null, "service account token has expired");
        return claims.Integer("nbf") <= seconds + 60
            ? new TokenReading(claims, null)
            : new TokenReading(null, "service account token is not valid yet");
    }

    private static JsonElement? Claims(string part)
    {
        try
        {
            return JsonAccess.ParseElement(Base64Url.DecodeFromChars(part));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The public key as OpenID publishes it.</summary>
    public JsonObject KeySet()
    {
        var point = key.ExportParameters(false).Q;
        return new JsonObject
        {
            ["keys"] = new JsonArray(new JsonObject
            {
                ["use"] = "sig",
                ["kty"] = "EC",
                ["kid"] = KeyId,
                ["crv"] = "P-256",
                ["alg"] = "ES256",
                ["x"] = Base64Url.EncodeToString(point.X),
                ["y"] = Base64Url.EncodeToString(point.Y),
            }),
        };
    }

    public void Dispose() => key.Dispose();
}
