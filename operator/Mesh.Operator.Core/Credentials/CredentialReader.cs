using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s.Models;
using Mesh.Config;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Credentials;

/// <summary>
/// A user's Secrets -> files to be handed over, or what is wrong with them. What enters: the Secret that a rule names and the
/// one of CA certificates beside it (NAME-cacert, which counts first, as in Istio), each as the API server answered for it.
/// What leaves is written anew from what was understood, so that a file says only what was checked. What never happens here:
/// a word of a key in a problem.
/// </summary>
public static class CredentialReader
{
    /// <summary>Istio's end of the name of a Secret that holds CA certificates alone.</summary>
    public const string TrustSuffix = "-cacert";

    /// <summary>Null as long as one of the two was not read. Without a time nothing has run out.</summary>
    public static ReadCredential? Read(ObjectKey key, SecretView own, SecretView trust, CredentialRights rights, DateTimeOffset? now)
    {
        if (!own.IsRead || !trust.IsRead) return null;
        var said = new CredentialWords(key, rights);
        var (roots, rootsProblem) = Trust(said, own, trust, now);
        var (pair, until, pairProblem) = Pair(said, own, now);
        var files = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (pair.Length > 0) files.Add(key.Name, pair + roots);
        if (roots.Length > 0) files.Add(key.Name + CredentialRef.TrustOnly, roots);
        return new ReadCredential(
            new UserCredential { Pair = Part(pair + roots, pairProblem), Trust = Part(roots, rootsProblem) }, files.ToImmutable(), until);
    }

    private static CredentialPart Part(string file, CredentialProblem? problem) =>
        new(problem is null ? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(file))) : "", problem);

    private static (string Pem, DateTimeOffset? Until, CredentialProblem? Problem) Pair(CredentialWords said, SecretView own, DateTimeOffset? now)
    {
        if (own.IsForbidden) return ("", null, said.Forbidden());
        if (own.Secret is not { } secret) return ("", null, said.Absent());
        var (certificateName, keyName) = Has(secret, "cert") ? ("cert", "key") : ("tls.crt", "tls.key");
        if (Text(secret, certificateName) is not { } certificate) return ("", null, said.Lacks(secret, "tls.crt (or cert)", "the certificate that is shown"));
        if (Text(secret, keyName) is not { } key) return ("", null, said.Lacks(secret, keyName, "the key of its certificate"));
        if (key.Contains("ENCRYPTED", StringComparison.Ordinal)) return ("", null, said.Wrong($"{keyName} is encrypted", "Put the key without a password into it."));
        try
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(certificate);
            if (chain.Count == 0) return ("", null, said.Wrong($"{certificateName} holds no certificate in PEM", "Put one into it."));
            using var read = X509Certificate2.CreateFromPem(certificate, key);
            DateTimeOffset ends = read.NotAfter.ToUniversalTime(), begins = read.NotBefore.ToUniversalTime();
            if (ends <= now) return ("", null, said.Wrong($"the certificate ({Subject(read)}) ran out at {ends:u}", "Put a renewed one into it."));
            if (begins > now) return ("", begins, said.Wrong($"the certificate ({Subject(read)}) begins at {begins:u}", "Put one that is valid now into it."));
            return ($"{Pem(chain)}{KeyPem(read)}\n", ends, null);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or NotSupportedException)
        {
            return ("", null, said.Wrong($"{keyName} is not the key of the certificate in {certificateName}, or one of them cannot be read as PEM", "Put a certificate and its own key into it."));
        }
    }

    private static (string Pem, CredentialProblem? Problem) Trust(CredentialWords said, SecretView own, SecretView trust, DateTimeOffset? now)
    {
        var source = new[] { trust.Secret, own.Secret }.FirstOrDefault(secret => secret is not null && (Has(secret, "cacert") || Has(secret, "ca.crt")));
        if (source is null)
        {
            if (own.IsForbidden) return ("", said.Forbidden());
            if (own.Secret is null && trust.Secret is null) return ("", said.Absent());
            return ("", said.NoTrust(trust.IsForbidden));
        }

        var name = Has(source, "cacert") ? "cacert" : "ca.crt";
        try
        {
            var roots = new X509Certificate2Collection();
            roots.ImportFromPem(Text(source, name));
            if (roots.Count == 0) return ("", said.Wrong($"{name} holds no certificate in PEM", "Put the CA's certificates into it.", source));
            if (roots.All(root => root.NotAfter.ToUniversalTime() <= now?.UtcDateTime)) return ("", said.Wrong($"every certificate in {name} ran out", "Put the CA's present certificates into it.", source));
            if ((Text(source, "ca.crl") ?? Text(source, "crl")) is not { } list) return (Pem(roots), null);
            var revocations = Revocations(list);
            return revocations.Length > 0 ? (Pem(roots) + revocations, null) : ("", said.Wrong("ca.crl holds no X509 CRL in PEM", "Put the CA's list of revocations into it, or remove it.", source));
        }
        catch (CryptographicException)
        {
            return ("", said.Wrong($"{name} cannot be read as certificates in PEM", "Put the CA's certificates into it.", source));
        }
    }

    private static string Revocations(string text)
    {
        var lists = new StringBuilder();
        for (var from = 0; PemEncoding.TryFind(text.AsSpan(from), out var block); from += block.Location.End.Value)
        {
            var rest = text.AsSpan(from);
            if (rest[block.Label] is "X509 CRL") lists.Append(rest[block.Location]).Append('\n');
        }

        return lists.ToString();
    }

    private static string Pem(X509Certificate2Collection certificates) => string.Concat(certificates.Select(certificate => certificate.ExportCertificatePem() + "\n"));

    private static string KeyPem(X509Certificate2 certificate)
    {
        using var curve = certificate.GetECDsaPrivateKey();
        using var rsa = certificate.GetRSAPrivateKey();
        return curve?.ExportPkcs8PrivateKeyPem() ?? rsa?.ExportPkcs8PrivateKeyPem() ?? throw new NotSupportedException("neither ECDSA nor RSA");
    }

    private static string Subject(X509Certificate2 certificate) => certificate.Subject.Length > 0 ? certificate.Subject : $"serial number {certificate.SerialNumber}";

    private static bool Has(V1Secret secret, string name) => secret.Data is { } data && data.TryGetValue(name, out var bytes) && bytes is { Length: > 0 };

    private static string? Text(V1Secret secret, string name) => Has(secret, name) ? Encoding.UTF8.GetString(secret.Data[name]) : null;
}
