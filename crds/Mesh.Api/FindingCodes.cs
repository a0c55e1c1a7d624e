namespace Mesh.Api;

/// <summary>
/// The one catalogue of finding codes. Where Istio has a code for the same thing it is used, so that what its users know
/// (and its documentation) stays right; <c>MESH</c> codes are ours. A code is never given a second meaning; retired ones stay.
/// </summary>
public static class FindingCodes
{
    /// <summary>A field or a whole feature is deprecated; the message names its successor.</summary>
    public const string Deprecated = "IST0002";

    /// <summary>A host, port, subset, gateway, delegate or other object that is named does not exist.</summary>
    public const string ReferencedResourceNotFound = "IST0101";

    /// <summary>A namespace does not ask for sidecars: rules do not act on what its pods send.</summary>
    public const string NamespaceNotInjected = "IST0102";

    /// <summary>A pod of a namespace that asks for sidecars has none.</summary>
    public const string PodMissingProxy = "IST0103";

    /// <summary>The object breaks the rules of its kind: a wrong type, a value out of bounds, fields that exclude each other.</summary>
    public const string SchemaValidationError = "IST0106";

    /// <summary>An annotation of Istio's stands on a kind of object on which it has no effect.</summary>
    public const string MisplacedAnnotation = "IST0107";

    /// <summary>An annotation that looks like Istio's is none.</summary>
    public const string UnknownAnnotation = "IST0108";

    /// <summary>Two VirtualServices name the same host in the mesh: the older one wins, the newer has no effect on that host.</summary>
    public const string ConflictingMeshGatewayVirtualServiceHosts = "IST0109";

    /// <summary>Several Sidecars select the same pods: of them the oldest is in force.</summary>
    public const string ConflictingSidecarWorkloadSelectors = "IST0110";

    /// <summary>Several Sidecars of a namespace are for all of its pods: the oldest is in force.</summary>
    public const string MultipleSidecarsWithoutWorkloadSelectors = "IST0111";

    /// <summary>A destination has several ports and the route does not say which.</summary>
    public const string VirtualServiceDestinationPortSelectorRequired = "IST0112";

    /// <summary>The pods of a Deployment are behind several Services that say different things about one port's protocol.</summary>
    public const string DeploymentAssociatedToMultipleServices = "IST0116";

    /// <summary>The name of a Service port does not tell its protocol: it is found out per connection.</summary>
    public const string PortNameIsNotUnderNamingConvention = "IST0118";

    /// <summary>A namespace asks for a place in the mesh in more than one way.</summary>
    public const string NamespaceMultipleInjectionLabels = "IST0123";

    /// <summary>An annotation has a value that it cannot take.</summary>
    public const string InvalidAnnotation = "IST0125";

    /// <summary>No pod has the labels that a selector asks for.</summary>
    public const string NoMatchingWorkloadsFound = "IST0127";

    /// <summary>TLS to a destination is asked for without CA certificates: the system's roots decide.</summary>
    public const string NoServerCertificateVerificationDestinationLevel = "IST0128";

    /// <summary>TLS to one port of a destination is asked for without CA certificates: the system's roots decide.</summary>
    public const string NoServerCertificateVerificationPortLevel = "IST0129";

    /// <summary>A rule can never be reached, because an earlier one takes all its requests.</summary>
    public const string VirtualServiceUnreachableRule = "IST0130";

    /// <summary>One match of a rule repeats, or is covered by, a match of an earlier rule.</summary>
    public const string VirtualServiceIneffectiveMatch = "IST0131";

    /// <summary>No gateway that a VirtualService names serves one of its hosts.</summary>
    public const string VirtualServiceHostNotFoundInGateway = "IST0132";

    /// <summary>The object is valid but something in it is probably not meant so.</summary>
    public const string SchemaWarning = "IST0133";

    /// <summary>A ServiceEntry has a port for TCP and no address by which its connections could be told.</summary>
    public const string ServiceEntryAddressesRequired = "IST0134";

    /// <summary>An annotation that Istio has given up.</summary>
    public const string DeprecatedAnnotation = "IST0135";

    /// <summary>An annotation that Istio may change.</summary>
    public const string AlphaAnnotation = "IST0136";

    /// <summary>Two Services lead different ports to one port of the same pods.</summary>
    public const string DeploymentConflictingPorts = "IST0137";

    /// <summary>Two Gateways for the same pods serve with one certificate: clients reuse a connection for the wrong host.</summary>
    public const string GatewayDuplicateCertificate = "IST0138";

    /// <summary>A gateway's rule leads to a service whose versions only rules of sidecars choose, which the gateway's requests do not meet.</summary>
    public const string IngressRouteRulesNotAffected = "IST0140";

    /// <summary>An application runs as user 1337, which is the sidecar's: its traffic is not captured.</summary>
    public const string InvalidApplicationUid = "IST0144";

    /// <summary>Two Gateways for the same pods claim one host on one port.</summary>
    public const string ConflictingGateways = "IST0145";

    /// <summary>A template leaves its proxy's image to injection, which does not act on its pods.</summary>
    public const string ImageAutoWithoutInjectionWarning = "IST0146";

    /// <summary>A pod's proxy image was left to injection, which did not act on it.</summary>
    public const string ImageAutoWithoutInjectionError = "IST0147";

    /// <summary>A port of an ExternalName Service does not say that it speaks HTTP or TLS: its connections cannot be told from others.</summary>
    public const string ExternalNameServiceTypeInvalidPortName = "IST0150";

    /// <summary>A VirtualService routes by claims of a token at a gateway that looks at no tokens.</summary>
    public const string JwtClaimBasedRoutingWithoutRequestAuthN = "IST0149";

    /// <summary>Access logs of a Telemetry name nobody to write them.</summary>
    public const string InvalidTelemetryProvider = "IST0157";

    /// <summary>Several Telemetries select the same pods.</summary>
    public const string ConflictingTelemetryWorkloadSelectors = "IST0159";

    /// <summary>Several Telemetries of a namespace are for all of its pods.</summary>
    public const string MultipleTelemetriesWithoutWorkloadSelectors = "IST0160";

    /// <summary>A Secret that a Gateway serves with holds no usable certificate.</summary>
    public const string InvalidGatewayCredential = "IST0161";

    /// <summary>No Service leads to a port of a Gateway.</summary>
    public const string GatewayPortNotDefinedOnService = "IST0162";

    /// <summary>A VirtualService names a Gateway that Istio made of one of the Gateway API.</summary>
    public const string ReferencedInternalGateway = "IST0165";

    /// <summary>A policy means a gateway of the Gateway API by its labels, which has no effect there.</summary>
    public const string IneffectiveSelector = "IST0166";

    /// <summary>A policy has no effect, wholly or on some pods: an older one of the same scope wins, or it stands where it does not act.</summary>
    public const string IneffectivePolicy = "IST0167";

    /// <summary>Another controller says of the object, in its status, that something does not work.</summary>
    public const string NegativeConditionStatus = "IST0171";

    /// <summary>The labels of a subset select no pod.</summary>
    public const string DestinationRuleSubsetNotSelectPods = "IST0173";

    /// <summary>The host of a DestinationRule is no service of the mesh.</summary>
    public const string UnknownDestinationRuleHost = "IST0174";

    /// <summary>Two ServiceEntries say different things about what a port of a host speaks.</summary>
    public const string ConflictingServiceEntryProtocol = "IST0177";

    /// <summary>The field is accepted and kept, but this version of Mesh does not act on it yet.</summary>
    public const string FieldNotSupportedYet = "MESH0001";

    /// <summary>The field does not exist in this kind: probably misspelt or at the wrong place.</summary>
    public const string UnknownField = "MESH0002";

    /// <summary>The whole spec could not be read (a value of a wrong type, stored before the schema was installed).</summary>
    public const string UnreadableSpec = "MESH0003";

    /// <summary>The value names something this version of Mesh does not have, though its field is supported.</summary>
    public const string ValueNotSupportedYet = "MESH0004";

    /// <summary>The document is of a kind this version of Mesh does not know.</summary>
    public const string UnknownKind = "MESH0005";

    /// <summary>The object is valid and kept, but this version of Mesh does not act on its kind yet.</summary>
    public const string KindNotSupportedYet = "MESH0006";

    /// <summary>The object acts on nothing: no traffic of the mesh is of the kind it speaks about.</summary>
    public const string NoEffect = "MESH0010";

    /// <summary>One or more proxies refused the configuration made from this object; the message carries their reason.</summary>
    public const string RefusedByProxy = "MESH0011";

    /// <summary>A second DestinationRule for the same host in the same namespace: only its subsets are taken over.</summary>
    public const string ConflictingDestinationRule = "MESH0012";

    /// <summary>No endpoint of a destination is ready: requests to it fail until one is.</summary>
    public const string NoReadyEndpoints = "MESH0013";

    /// <summary>A record grew past what a ConfigMap holds; a narrower scope is needed.</summary>
    public const string RecordTooLarge = "MESH0014";

    /// <summary>The operator cannot reach a sidecar for its report.</summary>
    public const string ReportUnreachable = "MESH0015";

    /// <summary>A match, or a whole rule, of a VirtualService gets nothing, because wider matches of earlier rules take all of it.</summary>
    public const string CoveredByEarlierRule = "MESH0022";

    /// <summary>A VirtualService routes to a service that a Sidecar hides from the pods the rule is for.</summary>
    public const string HiddenBySidecar = "MESH0023";

    /// <summary>The timeout of a route leaves no room for its retries.</summary>
    public const string RetriesDoNotFit = "MESH0024";

    /// <summary>A mirror sends copies to the very destination that gets the requests.</summary>
    public const string MirrorsToItself = "MESH0025";

    /// <summary>A destination beside weighted ones has no weight, so it gets nothing.</summary>
    public const string NeverDrawn = "MESH0026";

    /// <summary>Weighted destinations do not keep a user by one and the same key, so the user changes version.</summary>
    public const string SplitWithoutSharedKey = "MESH0027";

    /// <summary>No route names the subset, so its policy holds for nothing.</summary>
    public const string SubsetNeverNamed = "MESH0028";

    /// <summary>A limit that each proxy counts for itself.</summary>
    public const string LimitPerProxy = "MESH0029";

    /// <summary>Outlier detection for a service of one endpoint: the last one is never ejected.</summary>
    public const string PoolOfOne = "MESH0033";

    /// <summary>The operator lacks a right to a Secret that a rule names, or to the one it composes from it.</summary>
    public const string CredentialForbidden = "MESH0034";

    /// <summary>A Secret that a DestinationRule names lacks what its TLS needs, or holds what cannot be used.</summary>
    public const string InvalidCredential = "MESH0035";

    /// <summary>A pod was made before credentials were mounted into pods, so it gets none.</summary>
    public const string CredentialNotMounted = "MESH0036";

    /// <summary>A destination has no service of its own: only an entry with a wildcard holds its name, and routes lead to the wildcard as a whole.</summary>
    public const string OnlyWithinWildcard = "MESH0038";

    /// <summary>A PROXY header would be sent to pods whose sidecars do not read one, so connections to them fail.</summary>
    public const string ProxyHeaderToSidecar = "MESH0039";

    /// <summary>A policy that is not valid was stored past admission: until it is corrected it refuses what it might have been meant to refuse.</summary>
    public const string FailsClosed = "MESH0021";

    /// <summary>A DestinationRule has clients speak in a way that a PeerAuthentication does not let in, so they are refused.</summary>
    public const string MutualTlsMismatch = "MESH0020";

    /// <summary>Another Service or ServiceEntry has the host already, for all clients or for some: this one is not used by those.</summary>
    public const string ConflictingServiceHosts = "MESH0031";

    /// <summary>A rule of a delegate does not act, because it takes requests that the delegating rule does not.</summary>
    public const string DelegateConflict = "MESH0030";

    /// <summary>A namespace asks for sidecars, and its Pod Security level refuses pods that have one.</summary>
    public const string PodSecurityForbidsSidecar = "MESH0060";

    /// <summary>A namespace asks for sidecars in a way that, while another mesh's injector is there, that one answers.</summary>
    public const string AnsweredByAnotherMesh = "MESH0061";

    /// <summary>A CustomResourceDefinition of the mesh's kinds is another mesh's: <c>kubectl get</c> shows no verdicts, and of a status the mesh writes its conditions alone.</summary>
    public const string DefinitionOfAnother = "MESH0073";

    /// <summary>Istio is here, and its sidecars and the mesh's speak clear text with each other, since their roots or trust domains differ.</summary>
    public const string RootsApart = "MESH0074";

    /// <summary>A pod of the mesh was made when its root was Istio's too, and is not any more, or the other way round: Istio's sidecars call it in the wrong way.</summary>
    public const string OthersTlsModeStale = "MESH0075";

    /// <summary>Injection refuses the pods of this template, or this pod.</summary>
    public const string InjectionRefused = "MESH0062";

    /// <summary>Some sidecars are of a version that cannot be told part of a rule: they go on without it, or refuse what it guards.</summary>
    public const string SidecarTooOld = "MESH0070";

    /// <summary>An annotation of a pod that Istio's users know has no effect on the sidecar.</summary>
    public const string AnnotationWithoutEffect = "MESH0063";
}
