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

    /// <summary>The object breaks the rules of its kind: a wrong type, a value out of bounds, fields that exclude each other.</summary>
    public const string SchemaValidationError = "IST0106";

    /// <summary>Two VirtualServices name the same host in the mesh: the older one wins, the newer has no effect on that host.</summary>
    public const string ConflictingMeshGatewayVirtualServiceHosts = "IST0109";

    /// <summary>A destination has several ports and the route does not say which.</summary>
    public const string VirtualServiceDestinationPortSelectorRequired = "IST0112";

    /// <summary>The name of a Service port does not tell its protocol: it is found out per connection.</summary>
    public const string PortNameIsNotUnderNamingConvention = "IST0118";

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

    /// <summary>The object is valid but something in it is probably not meant so.</summary>
    public const string SchemaWarning = "IST0133";

    /// <summary>A policy has no effect, wholly or on some pods: an older one of the same scope wins, or it stands where it does not act.</summary>
    public const string IneffectivePolicy = "IST0167";

    /// <summary>The labels of a subset select no pod.</summary>
    public const string DestinationRuleSubsetNotSelectPods = "IST0173";

    /// <summary>The host of a DestinationRule is no service of the mesh.</summary>
    public const string UnknownDestinationRuleHost = "IST0174";

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

    /// <summary>A policy that is not valid was stored past admission: until it is corrected it refuses what it might have been meant to refuse.</summary>
    public const string FailsClosed = "MESH0021";

    /// <summary>A DestinationRule has clients speak in a way that a PeerAuthentication does not let in, so they are refused.</summary>
    public const string MutualTlsMismatch = "MESH0020";

    /// <summary>Another Service or ServiceEntry has the host already, for all clients or for some: this one is not used by those.</summary>
    public const string ConflictingServiceHosts = "MESH0031";

    /// <summary>A rule of a delegate does not act, because it takes requests that the delegating rule does not.</summary>
    public const string DelegateConflict = "MESH0030";
}
