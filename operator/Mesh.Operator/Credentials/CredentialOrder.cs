using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Mesh.Operator.Core.Planning;

namespace Mesh.Operator.Credentials;

/// <summary>The Secret that a workload should have.</summary>
public sealed record CredentialOrder
{
    public required EntityKey Secret { get; init; }

    /// <summary>Hash of each file, by its name; empty where none is needed any more.</summary>
    public required ImmutableSortedDictionary<string, string> Files { get; init; }

    /// <summary>The pods that need it, by uid.</summary>
    public required ImmutableSortedDictionary<string, string> Pods { get; init; }

    /// <summary>The pods that mount it and did need something, but do not now.</summary>
    public required ImmutableSortedDictionary<string, string> Former { get; init; }

    /// <summary>Of all files: what is written on Secret and pods.</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', Files.Select(file => $"{file.Key} {file.Value}")))).AsSpan(0, 8));

    public bool IsSameAs(CredentialOrder other) => Files.SequenceEqual(other.Files) && Pods.SequenceEqual(other.Pods) && Former.SequenceEqual(other.Former);

    /// <summary>Pods of one workload need the same, but for the moment in which a new version takes the place of an old one: then all that any needs.</summary>
    public static ImmutableArray<CredentialOrder> Of(IEnumerable<PodPlan> pods) =>
    [
        .. pods.Where(pod => pod.CredentialSecret.Length > 0 && (pod.HadCredentials || !pod.Credentials.IsEmpty))
            .GroupBy(pod => new EntityKey(pod.Pod.Namespace, pod.CredentialSecret))
            .Select(group => new CredentialOrder
            {
                Secret = group.Key,
                Files = group.SelectMany(pod => pod.Credentials).DistinctBy(credential => credential.Name).ToImmutableSortedDictionary(credential => credential.Name, credential => credential.Sha256, StringComparer.Ordinal),
                Pods = Uids(group.Where(pod => !pod.Credentials.IsEmpty)),
                Former = Uids(group.Where(pod => pod.Credentials.IsEmpty)),
            }),
    ];

    private static ImmutableSortedDictionary<string, string> Uids(IEnumerable<PodPlan> pods) => pods.ToImmutableSortedDictionary(pod => pod.Uid, pod => pod.Pod.Name, StringComparer.Ordinal);
}
