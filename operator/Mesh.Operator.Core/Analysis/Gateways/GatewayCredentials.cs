using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s.Models;
using Mesh.Api;
using Mesh.Api.Networking;

namespace Mesh.Operator.Core.Analysis.Gateways;

/// <summary>Secrets that a Gateway serves with and that are not there (IST0101) or hold no usable certificate (IST0161).</summary>
internal sealed class GatewayCredentials : IAnalyser
{
    public IEnumerable<Finding> Analyse(Inventory mesh)
    {
        // Of Secrets that were not listed nobody can say that they are missing.
        if (!mesh.Objects.Knows<V1Secret>() || ReferenceEquals(mesh.Objects, Objects.ClusterObjects.None)) yield break;
        var book = new GatewayBook(mesh);
        var secrets = mesh.Objects.Of<V1Secret>().ToDictionary(secret => (secret.Metadata.NamespaceProperty, secret.Metadata.Name));
        foreach (var gateway in mesh.Of<GatewaySpec>())
        {
            var spaces = book.Pods(gateway.Spec).Select(pod => pod.Namespace).Distinct().ToList();
            if (spaces.Count == 0) continue; // told of as a Gateway for no pod
            for (var i = 0; i < gateway.Spec.Servers.Count; i++)
            {
                var tls = gateway.Spec.Servers[i].Tls;
                foreach (var (name, path) in Names(tls, $"spec.servers[{i}].tls"))
                {
                    if (spaces.Select(space => secrets.GetValueOrDefault((space, name))).FirstOrDefault(found => found is not null) is not { } secret)
                        yield return Found.Error(FindingCodes.ReferencedResourceNotFound, gateway.Resource, path, name, $"There is no Secret of this name in {string.Join(" or ", spaces)}, where the gateway's pods are.", $"kubectl create -n {spaces[0]} secret tls {name} --cert=… --key=…");
                    else if (Problem(secret, mesh.Objects.Now) is { } problem)
                        yield return Found.Error(FindingCodes.InvalidGatewayCredential, gateway.Resource, path, name, $"Secret {secret.Metadata.NamespaceProperty}/{name} cannot be served with: {problem}.", "Put a certificate (tls.crt) and its key (tls.key), both PEM, into it.");
                }
            }
        }
    }

    private static IEnumerable<(string Name, string Path)> Names(ServerTlsSettings? tls, string path)
    {
        if (tls?.CredentialName is { Length: > 0 } name) yield return (name, $"{path}.credentialName");
        for (var i = 0; i < (tls?.CredentialNames.Count ?? 0); i++) yield return (tls!.CredentialNames[i], $"{path}.credentialNames[{i}]");
    }

    private static string? Problem(V1Secret secret, DateTimeOffset? now)
    {
        var certificate = Text(secret, "tls.crt") ?? Text(secret, "cert");
        var key = Text(secret, "tls.key") ?? Text(secret, "key");
        if (certificate is null) return "it has no tls.crt";
        if (key is null) return "it has no tls.key";
        try
        {
            using var read = X509Certificate2.CreateFromPem(certificate);
            if (now is { } time && read.NotAfter.ToUniversalTime() <= time.UtcDateTime) return $"the certificate ended at {read.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm} UTC";
            return null;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return "tls.crt is no certificate";
        }
    }

    private static string? Text(V1Secret secret, string key) =>
        secret.Data is { } data && data.TryGetValue(key, out var bytes) && bytes is { Length: > 0 } ? Encoding.UTF8.GetString(bytes)
        : secret.StringData is { } texts && texts.TryGetValue(key, out var text) && text is { Length: > 0 } ? text : null;
}
