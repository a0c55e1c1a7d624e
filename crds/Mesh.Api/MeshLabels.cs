namespace Mesh.Api;

/// <summary>Labels and annotations the mesh reads or writes on objects of the cluster.</summary>
public static class MeshLabels
{
    /// <summary>Namespace label: <c>enabled</c> asks for a sidecar in each new pod, <c>disabled</c> forbids it.</summary>
    public const string Injection = "istio-injection";

    /// <summary>Value of <see cref="Injection"/> that asks for sidecars.</summary>
    public const string InjectionEnabled = "enabled";

    /// <summary>Value of <see cref="Injection"/> that forbids sidecars.</summary>
    public const string InjectionDisabled = "disabled";

    /// <summary>
    /// Namespace or pod label: asks for a sidecar of the named revision. Alone on a cluster any name is answered; beside another
    /// mesh's injector only <see cref="OwnRevision"/>.
    /// </summary>
    public const string Revision = "istio.io/rev";

    /// <summary>Value of <see cref="Revision"/> that names this mesh: the one word answered beside another mesh's injector.</summary>
    public const string OwnRevision = "mesh";

    /// <summary>Pod label (annotation: legacy): <c>"true"</c> or <c>"false"</c>, wins over the namespace.</summary>
    public const string Inject = "sidecar.istio.io/inject";

    /// <summary>Pod annotation written by the injector: JSON telling what was added.</summary>
    public const string InjectionStatus = "sidecar.istio.io/status";

    /// <summary>Annotation of the injector's webhook configuration: what it puts into pods (images and the like), as JSON.</summary>
    public const string InjectionSettings = "mesh.dev/injection-settings";

    /// <summary>Pod annotation with settings of this proxy (Istio's ProxyConfig as YAML).</summary>
    public const string ProxyConfig = "proxy.istio.io/config";

    /// <summary>Pod annotation stamped by the injector: the name of the ConfigMap this pod's proxy reads.</summary>
    public const string Config = "mesh.dev/config";

    /// <summary>
    /// Pod annotation stamped by the injector, put right by the operator where the sidecar says otherwise: the newest format of
    /// configs that the pod's sidecar reads. Without it: the first.
    /// </summary>
    public const string Format = "mesh.dev/format";

    /// <summary>Pod annotation: bumped after its ConfigMap was written, so that the kubelet refreshes the mount at once.</summary>
    public const string ConfigRevision = "mesh.dev/config-revision";

    /// <summary>
    /// VirtualService annotation: <c>idempotent</c> has its rules retry only what may safely be done twice, see
    /// <see cref="RetriesIdempotent"/>. Without it <c>retryOn</c> alone decides, as in Istio.
    /// </summary>
    public const string Retries = "mesh.dev/retries";

    /// <summary>Value of <see cref="Retries"/>: requests of idempotent methods, those with an Idempotency-Key, and what never reached an endpoint.</summary>
    public const string RetriesIdempotent = "idempotent";

    /// <summary>Pod label stamped by the injector: how the pod's sidecar takes connections from other sidecars.</summary>
    public const string TlsMode = "mesh.dev/tls-mode";

    /// <summary>Value of <see cref="TlsMode"/>: mutual TLS of the mesh.</summary>
    public const string TlsModeMutual = "mutual";

    /// <summary>Istio's pod label of the same meaning, written and believed where both meshes' certificates have a root in common.</summary>
    public const string OthersTlsMode = "security.istio.io/tlsMode";

    /// <summary>Value of <see cref="OthersTlsMode"/>: mutual TLS of Istio.</summary>
    public const string OthersTlsModeMutual = "istio";

    /// <summary>Pod annotation: hash of the credentials composed for it, written so that the kubelet refreshes their mount at once.</summary>
    public const string Credentials = "mesh.dev/credentials";

    /// <summary>ConfigMap label that marks a record of the mesh.</summary>
    public const string Record = "mesh.dev/record";

    /// <summary>Value of <see cref="Record"/> of a pod's proxy configuration.</summary>
    public const string RecordProxyConfig = "proxy-config";

    /// <summary>Value of <see cref="Record"/> of a Secret with a workload's credentials.</summary>
    public const string RecordCredentials = "credentials";

    /// <summary>ConfigMap annotation: hash of the configuration in it; written only when this changes.</summary>
    public const string Hash = "mesh.dev/hash";

    /// <summary>ConfigMap annotation: number of the configuration in it, growing by one with each change.</summary>
    public const string RecordRevision = "mesh.dev/revision";

    /// <summary>Annotation of Secret <c>mesh-ca</c>: a new value asks the operator for a new root (<c>mesh certs renew-root</c>).</summary>
    public const string RenewRoot = "mesh.dev/renew-root";

    /// <summary>Pod label naming the service the workload counts as in telemetry.</summary>
    public const string CanonicalName = "service.istio.io/canonical-name";

    /// <summary>Pod label naming the version the workload counts as in telemetry.</summary>
    public const string CanonicalRevision = "service.istio.io/canonical-revision";

    /// <summary>ServiceEntry label: <c>"false"</c> asks that no address be given out for its hosts.</summary>
    public const string AutoAllocateAddress = "networking.istio.io/enable-autoallocate-ip";

    /// <summary>Label of everything that belongs to the installation of the mesh itself.</summary>
    public const string PartOf = "app.kubernetes.io/part-of";

    /// <summary>Value of <see cref="PartOf"/>.</summary>
    public const string PartOfMesh = "mesh";

    /// <summary>Label of objects that the operator made and keeps.</summary>
    public const string ManagedBy = "app.kubernetes.io/managed-by";

    /// <summary>Value of <see cref="ManagedBy"/>.</summary>
    public const string ManagedByOperator = "mesh-operator";

    /// <summary>Pod annotation: address ranges whose outbound traffic is captured, <c>*</c> = all (default).</summary>
    public const string IncludeOutboundIpRanges = "traffic.sidecar.istio.io/includeOutboundIPRanges";

    /// <summary>Pod annotation: address ranges whose outbound traffic is left alone.</summary>
    public const string ExcludeOutboundIpRanges = "traffic.sidecar.istio.io/excludeOutboundIPRanges";

    /// <summary>Pod annotation: outbound ports that are captured whatever the ranges say.</summary>
    public const string IncludeOutboundPorts = "traffic.sidecar.istio.io/includeOutboundPorts";

    /// <summary>Pod annotation: outbound ports that are left alone.</summary>
    public const string ExcludeOutboundPorts = "traffic.sidecar.istio.io/excludeOutboundPorts";

    /// <summary>Pod annotation: inbound ports that are captured, <c>*</c> = all (default).</summary>
    public const string IncludeInboundPorts = "traffic.sidecar.istio.io/includeInboundPorts";

    /// <summary>Pod annotation: inbound ports that are left alone.</summary>
    public const string ExcludeInboundPorts = "traffic.sidecar.istio.io/excludeInboundPorts";

    /// <summary>Pod annotation: interfaces whose traffic is left alone.</summary>
    public const string ExcludeInterfaces = "traffic.sidecar.istio.io/excludeInterfaces";

    /// <summary>Pod annotation: <c>"false"</c> leaves the application's probes as they are; else the sidecar asks them (default).</summary>
    public const string RewriteProbes = "sidecar.istio.io/rewriteAppHTTPProbers";

    /// <summary>Annotation of an AuthorizationPolicy: <c>"true"</c> has it only tell what it would do.</summary>
    public const string DryRun = "istio.io/dry-run";

    /// <summary>Label of a service: the waypoint its traffic goes through.</summary>
    public const string UseWaypoint = "istio.io/use-waypoint";

    /// <summary>Service annotation: <c>exportTo</c> of a Kubernetes Service.</summary>
    public const string ExportTo = "networking.istio.io/exportTo";

    /// <summary>Pod label Kubernetes and its users give an application's name in.</summary>
    public const string App = "app";

    /// <summary>Pod label users give a version in; the usual key of subsets.</summary>
    public const string Version = "version";

    /// <summary>Node label: region.</summary>
    public const string TopologyRegion = "topology.kubernetes.io/region";

    /// <summary>Node label: zone.</summary>
    public const string TopologyZone = "topology.kubernetes.io/zone";

    /// <summary>Node label: its name.</summary>
    public const string HostName = "kubernetes.io/hostname";

    /// <summary>Node label: part of a zone.</summary>
    public const string TopologySubZone = "topology.istio.io/subzone";

    /// <summary>Network a workload is in.</summary>
    public const string TopologyNetwork = "topology.istio.io/network";

    /// <summary>Pod label: where it stands, as <c>REGION.ZONE.SUBZONE</c>; the node's labels otherwise.</summary>
    public const string Locality = "istio-locality";

    /// <summary>EndpointSlice label: the Service it belongs to.</summary>
    public const string ServiceName = "kubernetes.io/service-name";
}
