using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Mesh.Config;
using Mesh.Sidecar.Config;

namespace Mesh.Sidecar.Connections;

/// <summary>
/// The credentials mounted into the pod, by name. Config and mount come by different ways, so for a moment they disagree: a
/// file counts only when it is the one that the config names by its hash, and until it is the last good one stays in use.
/// </summary>
public sealed class Credentials(string directory)
{
    private readonly ConcurrentDictionary<string, FreshFile<Credential>> files = new(StringComparer.Ordinal);
    private volatile FrozenDictionary<string, CredentialRef> told = FrozenDictionary<string, CredentialRef>.Empty;

    /// <summary>What the config names from now on; what it names no longer is forgotten.</summary>
    public void OnSwapped(ProxySnapshot snapshot)
    {
        told = snapshot.Clusters.Select(cluster => cluster.Config.Tls?.Credential).OfType<CredentialRef>()
            .Where(credential => credential.Why is null).DistinctBy(credential => credential.Name).ToFrozenDictionary(credential => credential.Name, StringComparer.Ordinal);
        foreach (var name in files.Keys)
            if (!told.ContainsKey(name)) files.TryRemove(name, out _);
    }

    /// <summary>The credential; <c>null</c> where there is none to be used, and then why.</summary>
    /// <param name="named">As a cluster names it, perhaps one of a config before: the newest hash told counts.</param>
    /// <param name="now">The time.</param>
    /// <param name="why">Empty when there is one.</param>
    internal Credential? Read(CredentialRef named, DateTimeOffset now, out string why)
    {
        var found = named.Why is null ? files.GetOrAdd(named.Name, _ => Follow(named)).Read(out why) : null;
        why = found switch
        {
            null when named.Why is { } refused => $"the credential '{named.Name}' was not handed over to this proxy: {refused}",
            null when Wanted(named).Length == 0 => $"the credential '{named.Name}' was not handed over to this proxy: the operator has not read it yet",
            null when !Directory.Exists(directory) => $"the credential '{named.Name}' was not handed over to this proxy: {directory} is not mounted, as the pod was made before Mesh mounted it; make the pod anew",
            null => $"the credential '{named.Name}' has not arrived at {directory}",
            { Shown.TargetCertificate: { } own } when own.NotAfter.ToUniversalTime() <= now.UtcDateTime => $"the certificate of the credential '{named.Name}' ran out at {own.NotAfter.ToUniversalTime():u}",
            _ => "",
        };
        return why.Length == 0 ? found : null;
    }

    private string Wanted(CredentialRef named) => told.GetValueOrDefault(named.Name, named).Sha256;

    private FreshFile<Credential> Follow(CredentialRef named) => FreshFile<Credential>.Of(Path.Combine(directory, named.Name), pem =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(pem))) == Wanted(named)
            ? Credential.Parse(pem)
            : throw new CryptographicException("it is another than the config names"));
}
