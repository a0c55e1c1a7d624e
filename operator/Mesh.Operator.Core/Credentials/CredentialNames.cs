using System.Security.Cryptography;
using System.Text;
using k8s.Models;
using Mesh.Api;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Credentials;

/// <summary>The name of the Secret that the operator composes for a workload: the same for all its pods, so that rights can be given by name.</summary>
public static class CredentialNames
{
    private const int LongestName = 253;
    private const int HashDigits = 10;

    /// <summary>For a pod as it is admitted, perhaps before it has a name.</summary>
    public static string For(V1Pod pod)
    {
        var workload = WorkloadNames.Of(pod) is { Length: > 0 } known ? known : (pod.Metadata.GenerateName ?? "").TrimEnd('-', '.');
        var name = MeshNames.CredentialsPrefix + (workload.Length > 0 ? workload : "pod");
        if (name.Length <= LongestName) return name;
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..HashDigits];
        return $"{name[..(LongestName - HashDigits - 1)].TrimEnd('-', '.')}-{hash}";
    }
}
