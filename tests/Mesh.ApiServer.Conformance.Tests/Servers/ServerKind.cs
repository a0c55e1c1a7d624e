namespace Mesh.ApiServer.Conformance.Tests.Servers;

/// <summary>Where the suite can run.</summary>
public enum ServerKind
{
    /// <summary>The embedded API server and its controllers, in this process; always.</summary>
    Embedded,

    /// <summary>`mesh up`, with its node; where there is root and a build.</summary>
    MeshUp,

    /// <summary>kube-apiserver and etcd from KUBEBUILDER_ASSETS.</summary>
    KubebuilderAssets,

    /// <summary>The cluster of MESH_TEST_KUBECONFIG.</summary>
    Given,

    /// <summary>K3s in a container, where a Docker engine answers.</summary>
    K3s,
}
