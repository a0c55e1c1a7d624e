using System.Collections.Immutable;
using System.Text;
using k8s.Models;
using Mesh.Operator.Core.Objects;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Credentials;

/// <summary>What is known of credentials where whole objects are at hand, as the command line has them: judged as the operator would.</summary>
internal static class CredentialObjects
{
    public static ImmutableSortedDictionary<ObjectKey, UserCredential> In(ClusterObjects objects, MeshSnapshot snapshot)
    {
        // Of Secrets that were not listed nobody can say anything; nor, of those that files do not hold, that there are none.
        if (!objects.Knows<V1Secret>()) return snapshot.Credentials;
        var secrets = objects.Of<V1Secret>().ToDictionary(secret => FromKubernetes.KeyOf(secret.Metadata));
        var rights = new CredentialRights($"{Api.MeshNames.SystemNamespace}:mesh-operator");
        var found = snapshot.Credentials.ToBuilder();
        foreach (var key in CredentialNeeds.Of(snapshot.DestinationRules))
        {
            var (own, trust) = (secrets.GetValueOrDefault(key), secrets.GetValueOrDefault(key with { Name = key.Name + CredentialReader.TrustSuffix }));
            if (own is null && trust is null && !objects.IsWhole) continue;
            if (CredentialReader.Read(key, ViewOf(own), ViewOf(trust), rights, objects.Now) is { } read) found[key] = read.Facts;
        }

        return found.ToImmutable();
    }

    private static SecretView ViewOf(V1Secret? secret) => secret is null ? SecretView.Absent : SecretView.Of(new V1Secret { Metadata = secret.Metadata, Data = DataOf(secret) });

    // As the API server stores it.
    private static Dictionary<string, byte[]> DataOf(V1Secret secret)
    {
        var data = new Dictionary<string, byte[]>(secret.Data ?? new Dictionary<string, byte[]>());
        foreach (var (name, text) in secret.StringData ?? new Dictionary<string, string>()) data[name] = Encoding.UTF8.GetBytes(text);
        return data;
    }
}
