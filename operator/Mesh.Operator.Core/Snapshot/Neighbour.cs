using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using k8s.Models;
using Mesh.Api;
using Mesh.Config;
using Mesh.Config.Identity;

namespace Mesh.Operator.Core.Snapshot;

/// <summary>
/// Istio beside this mesh, as far as certificates go: whom its sidecars trust, and under which name. With a root and a trust domain in
/// common (one <c>cacerts</c> for both) the two speak mutual TLS with each other.
/// </summary>
public sealed record Neighbour
{
    /// <summary>ConfigMap in every namespace with the roots that Istio's sidecars trust.</summary>
    public const string RootsConfigMap = "istio-ca-root-cert";

    /// <summary>Label of the ConfigMaps with Istio's mesh-wide settings, one for each of its revisions.</summary>
    public const string SettingsLabel = "istio.io/rev";

    private const string RootsKey = "root-cert.pem";

    /// <summary>SHA-256 of the roots that this mesh's certificates lead to; empty until they are known.</summary>
    public ValueArray<string> Own { get; init; } = [];

    /// <summary>SHA-256 of the roots that Istio's sidecars trust; empty where there is no Istio.</summary>
    public ValueArray<string> Trusted { get; init; } = [];

    /// <summary>The trust domain of each of its revisions, by ConfigMap.</summary>
    public ImmutableSortedDictionary<ObjectKey, string> TrustDomains { get; init; } = ImmutableSortedDictionary<ObjectKey, string>.Empty;

    /// <summary>It is known whom an Istio here trusts.</summary>
    public bool IsHere => Trusted.Count > 0;

    /// <summary>What keeps the two from speaking mutual TLS with each other, in words; empty when nothing does.</summary>
    public string WhyApart(string trustDomain)
    {
        if (!IsHere) return $"no ConfigMap {RootsConfigMap} tells whom Istio's sidecars trust";
        if (Own.Count == 0) return "this mesh's root is not known yet";
        if (!Own.Items.Any(Trusted.Items.Contains)) return $"Istio's sidecars do not trust the root that signs here ({string.Join(", ", Own.Items.Select(Short))}), but {string.Join(", ", Trusted.Items.Select(Short))}";
        if (TrustDomains.IsEmpty) return $"no ConfigMap with the label {SettingsLabel} tells Istio's trustDomain";
        var other = TrustDomains.FirstOrDefault(one => one.Value != trustDomain);
        return other.Value is null ? "" : $"trustDomain is \"{trustDomain}\" here and \"{other.Value}\" in ConfigMap {other.Key}";
    }

    /// <summary>What a ConfigMap tells; most tell nothing.</summary>
    public Neighbour With(V1ConfigMap source, bool isGone = false)
    {
        var (key, data) = (FromKubernetes.KeyOf(source.Metadata), isGone ? null : source.Data);
        if (key == new ObjectKey(MeshNames.SystemNamespace, RootsConfigMap)) return this with { Trusted = Fingerprints(data, RootsKey) };
        // The operator knows what it signs with; who looks from outside knows what was published.
        if (key.Name == WellKnown.TrustConfigMap) return this with { Own = Fingerprints(data, WellKnown.TrustRoots) };
        if (source.Metadata.Labels?.ContainsKey(SettingsLabel) != true) return this;
        if (data?.TryGetValue(MeshNames.SettingsKey, out var yaml) != true) return TrustDomains.ContainsKey(key) ? this with { TrustDomains = TrustDomains.Remove(key) } : this;
        return this with { TrustDomains = TrustDomains.SetItem(key, MeshWideSettingsReader.Read(yaml!).TrustDomain) };
    }

    private static ValueArray<string> Fingerprints(IDictionary<string, string>? data, string name)
    {
        if (data?.TryGetValue(name, out var pem) != true) return [];
        try
        {
            var roots = new X509Certificate2Collection();
            roots.ImportFromPem(pem);
            return [.. roots.Select(SpiffeCertificates.FingerprintOf).Distinct().Order(StringComparer.Ordinal)];
        }
        catch (CryptographicException)
        {
            return [];
        }
    }

    private static string Short(string fingerprint) => fingerprint[..Math.Min(16, fingerprint.Length)];
}
