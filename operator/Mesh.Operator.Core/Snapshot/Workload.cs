using Mesh.Api;

namespace Mesh.Operator.Core.Snapshot;

/// <summary>A pod, as far as the mesh is concerned.</summary>
public sealed record Workload
{
    public required ObjectKey Key { get; init; }

    public required string Uid { get; init; }

    /// <summary>Name of the controller that owns the pod (the Deployment rather than its ReplicaSet), else the pod's name.</summary>
    public required string WorkloadName { get; init; }

    public LabelSet Labels { get; init; } = LabelSet.Empty;

    public string ServiceAccount { get; init; } = "default";

    public string NodeName { get; init; } = "";

    /// <summary>Addresses given so far, the primary first.</summary>
    public ValueArray<string> Addresses { get; init; } = [];

    /// <summary>TCP ports that containers declare by name, for Services with named target ports.</summary>
    public ValueArray<NamedPort> NamedPorts { get; init; } = [];

    /// <summary>
    /// Name of the pod's config record as the injector stamped it; empty for a pod without a sidecar, and for one whose sidecar came
    /// by a file (<c>mesh inject</c>): that is told over its control session alone.
    /// </summary>
    public string ConfigName { get; init; } = "";

    /// <summary>Among its containers is a sidecar of ours.</summary>
    public bool HasSidecar { get; init; }

    /// <summary>The newest format of configs that its sidecar reads.</summary>
    public int Format { get; init; } = 1;

    /// <summary>Name of the composed Secret that its sidecar mounts; empty for a pod made before there was one.</summary>
    public string CredentialSecret { get; init; } = "";

    /// <summary>Was once given credentials, so that there may be a composed Secret.</summary>
    public bool HadCredentials { get; init; }

    /// <summary>Ports that are redirected to the sidecar.</summary>
    public InboundCapture Capture { get; init; } = InboundCapture.Everything;

    /// <summary>Deletion has begun; the sidecar still drains.</summary>
    public bool IsTerminating { get; init; }

    /// <summary>Every container has ended for good (phase Succeeded or Failed).</summary>
    public bool IsFinished { get; init; }

    /// <summary>Takes traffic as far as its readiness tells; unknown readiness is ready.</summary>
    public bool IsReady { get; init; } = true;

    /// <summary>Has a sidecar that can be told something.</summary>
    public bool IsInMesh => (ConfigName.Length > 0 || HasSidecar) && !IsFinished;

    /// <summary>Its sidecar has an identity before the application starts, so others may speak mutual TLS to it.</summary>
    public bool HasIdentity => IsInMesh && Labels[MeshLabels.TlsMode] == MeshLabels.TlsModeMutual;

    /// <summary>It has a sidecar of Istio's that takes mutual TLS under Istio's root.</summary>
    public bool HasIdentityOfIstio => !IsInMesh && !IsFinished && Labels[MeshLabels.OthersTlsMode] == MeshLabels.OthersTlsModeMutual;
}
