namespace Mesh.Api;

/// <summary>Names of objects and namespaces that all parts of the mesh agree on.</summary>
public static class MeshNames
{
    /// <summary>Namespace of the operator and of the mesh-wide settings.</summary>
    public const string SystemNamespace = "mesh-system";

    /// <summary>Istio's root namespace: rules in it hold for every namespace.</summary>
    public const string RootNamespace = "istio-system";

    /// <summary>ConfigMap in <see cref="SystemNamespace"/> with the mesh-wide settings.</summary>
    public const string SettingsConfigMap = "mesh";

    /// <summary>Key in <see cref="SettingsConfigMap"/>: Istio's MeshConfig as YAML.</summary>
    public const string SettingsKey = "mesh";

    /// <summary>The word in <c>gateways</c> that means all sidecars.</summary>
    public const string MeshGateway = "mesh";

    /// <summary>DNS suffix of the cluster's services.</summary>
    public const string ClusterDomain = "cluster.local";

    /// <summary>Secret in <see cref="SystemNamespace"/> with the mesh's root and its key; the operator's alone.</summary>
    public const string AuthoritySecret = "mesh-ca";

    /// <summary>Prefix of the Secrets that the operator composes for workloads from what users' rules name.</summary>
    public const string CredentialsPrefix = "mesh-credentials-";

    /// <summary>Prefix of the ConfigMaps with a pod's proxy configuration.</summary>
    public const string RecordPrefix = "mesh-";
}
