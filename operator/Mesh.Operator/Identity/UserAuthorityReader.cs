using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s.Models;
using Mesh.Operator.Core.Identity;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.OpenSsl;
using Org.BouncyCastle.Pkcs;

namespace Mesh.Operator.Identity;

/// <summary>
/// Reads a user's authority from a Secret, in each form that users have one: Istio's four files, a <c>kubernetes.io/tls</c>
/// Secret with <c>ca.crt</c>, or a PKCS#12 store. Keys may be in PKCS#8 or an older PEM, encrypted or not; old stores and
/// old encrypted keys are what the platform's own reader refuses and BouncyCastle reads.
/// </summary>
internal static class UserAuthorityReader
{
    public const string SecretName = "cacerts";

    /// <summary>Istio's name for a list of revoked certificates, which nothing here looks at: whoever gives one is told.</summary>
    public const string RevocationList = "ca-crl.pem";

    private const string Store = "ca.p12";
    private const string Password = "password";

    /// <summary>The authority, or (null) what is wrong with it. No word of a problem repeats anything of a key.</summary>
    public static UserAuthority? Read(V1Secret secret, DateTimeOffset now, out string problem)
    {
        var data = secret.Data ?? new Dictionary<string, byte[]>();
        try
        {
            if (data.TryGetValue(Store, out var store)) return FromStore(store, Text(data, Password) ?? "", data, now, out problem);
            foreach (var (certificate, key, chain, root) in new[] { ("ca-cert.pem", "ca-key.pem", "cert-chain.pem", "root-cert.pem"), ("tls.crt", "tls.key", "tls.crt", "ca.crt") })
            {
                if (!data.ContainsKey(certificate) || !data.ContainsKey(key)) continue;
                if (Text(data, root) is not { } roots)
                {
                    problem = $"{root} is missing: the root that everyone is to trust";
                    return null;
                }

                using var bare = X509Certificate2.CreateFromPem(Text(data, certificate)!);
                return UserAuthority.Of(WithKey(bare, Text(data, key)!, Text(data, Password)), Certificates(Text(data, chain)), Certificates(roots), now, out problem);
            }

            problem = $"it holds neither ca-cert.pem with ca-key.pem, nor tls.crt with tls.key, nor {Store}";
            return null;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or IOException or InvalidCipherTextException or PasswordException or InvalidOperationException)
        {
            problem = e is PasswordException ? $"its key is encrypted and {Password} is missing" : $"it cannot be read ({e.GetType().Name}); is {Password} right, and does the key belong to the certificate?";
            return null;
        }
    }

    public static bool HasRevocationList(V1Secret secret) => secret.Data?.ContainsKey(RevocationList) == true;

    private static UserAuthority? FromStore(byte[] bytes, string password, IDictionary<string, byte[]> data, DateTimeOffset now, out string problem)
    {
        var store = new Pkcs12StoreBuilder().Build();
        store.Load(new MemoryStream(bytes), password.ToCharArray());
        if (store.Aliases.FirstOrDefault(store.IsKeyEntry) is not { } alias)
        {
            problem = $"{Store} holds no key";
            return null;
        }

        var way = store.GetCertificateChain(alias).Select(entry => X509CertificateLoader.LoadCertificate(entry.Certificate.GetEncoded())).ToList();
        // Roots may stand beside the store; else the end of its own chain is the root.
        var roots = Certificates(Text(data, "root-cert.pem") ?? Text(data, "ca.crt"));
        if (roots.Count == 0 && way.Count > 0) roots.Add(way[^1]);
        return UserAuthority.Of(WithKey(way[0], store.GetKey(alias).Key), [.. way], roots, now, out problem);
    }

    private static X509Certificate2 WithKey(X509Certificate2 certificate, string pem, string? password)
    {
        using var text = new StringReader(pem);
        using var reader = new PemReader(text, password is null ? null : new GivenPassword(password));
        return reader.ReadObject() switch
        {
            AsymmetricCipherKeyPair pair => WithKey(certificate, pair.Private),
            AsymmetricKeyParameter { IsPrivate: true } key => WithKey(certificate, key),
            _ => throw new CryptographicException("there is no private key"),
        };
    }

    private static X509Certificate2 WithKey(X509Certificate2 certificate, AsymmetricKeyParameter key)
    {
        var bytes = PrivateKeyInfoFactory.CreatePrivateKeyInfo(key).GetDerEncoded();
        try
        {
            if (certificate.GetKeyAlgorithm() == "1.2.840.10045.2.1")
            {
                using var curve = ECDsa.Create();
                curve.ImportPkcs8PrivateKey(bytes, out _);
                return certificate.CopyWithPrivateKey(curve);
            }

            using var rsa = RSA.Create();
            rsa.ImportPkcs8PrivateKey(bytes, out _);
            return certificate.CopyWithPrivateKey(rsa);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private static X509Certificate2Collection Certificates(string? pem)
    {
        var found = new X509Certificate2Collection();
        if (pem is not null) found.ImportFromPem(pem);
        return found;
    }

    private static string? Text(IDictionary<string, byte[]> data, string name) => data.TryGetValue(name, out var bytes) ? Encoding.UTF8.GetString(bytes).Trim() : null;

    private sealed class GivenPassword(string password) : IPasswordFinder
    {
        public char[] GetPassword() => password.ToCharArray();
    }
}
