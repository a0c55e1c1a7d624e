namespace Mesh.Api;

/// <summary>The reasons a condition may carry: one word each, also what the REASON column shows.</summary>
public static class ConditionReasons
{
    // Accepted

    /// <summary>Accepted=True: valid, and Mesh acts on it.</summary>
    public const string Accepted = "Accepted";

    /// <summary>Accepted=False: the object breaks the rules of its kind; <c>status.findings</c> lists where and how.</summary>
    public const string Invalid = "Invalid";

    /// <summary>Accepted=False: an older object owns all of its hosts; the message names it.</summary>
    public const string HostOwnedByOther = "HostOwnedByOther";

    /// <summary>Accepted=True, Ready=False: an older object owns some of its hosts, the others work.</summary>
    public const string PartlyOwnedByOther = "PartlyOwnedByOther";

    /// <summary>Accepted=False: older objects of the same scope are in force for all of its pods; the message names one.</summary>
    public const string OverruledByOlder = "OverruledByOlder";

    /// <summary>Accepted=True, Ready=False: an older object is in force for some of its pods, for the others this one.</summary>
    public const string PartlyOverruled = "PartlyOverruled";

    /// <summary>Accepted=False: where it stands it has no effect; the message says why.</summary>
    public const string Ignored = "Ignored";

    /// <summary>Accepted=True: it works except for fields this version of Mesh does not act on yet.</summary>
    public const string PartlySupported = "PartlySupported";

    /// <summary>Accepted=False: it only uses features this version of Mesh does not have yet.</summary>
    public const string NotSupportedYet = "NotSupportedYet";

    // ResolvedRefs

    /// <summary>ResolvedRefs=True: everything it names exists.</summary>
    public const string ResolvedRefs = "ResolvedRefs";

    /// <summary>ResolvedRefs=False: a destination host is no service of the mesh.</summary>
    public const string HostNotFound = "HostNotFound";

    /// <summary>ResolvedRefs=False: a destination subset is defined by no DestinationRule that applies.</summary>
    public const string SubsetNotFound = "SubsetNotFound";

    /// <summary>ResolvedRefs=False: a destination names a port the service does not have, or none though it has several.</summary>
    public const string PortNotFound = "PortNotFound";

    /// <summary>ResolvedRefs=False: a gateway it names does not exist or is not served yet.</summary>
    public const string GatewayNotFound = "GatewayNotFound";

    /// <summary>ResolvedRefs=False: a delegate does not exist, has hosts of its own, or is not exported to here.</summary>
    public const string DelegateNotFound = "DelegateNotFound";

    /// <summary>ResolvedRefs=False: the labels of a subset or selector select no pod.</summary>
    public const string NoMatchingPods = "NoMatchingPods";

    /// <summary>ResolvedRefs=False: a Secret it names by credentialName does not exist.</summary>
    public const string CredentialNotFound = "CredentialNotFound";

    /// <summary>ResolvedRefs=False: the operator has no right to a Secret it names, or to the one it composes from it.</summary>
    public const string CredentialForbidden = "CredentialForbidden";

    /// <summary>ResolvedRefs=False: a Secret it names holds no usable certificate, key or CA.</summary>
    public const string InvalidCredential = "InvalidCredential";

    /// <summary>ResolvedRefs=False: several of the above; see <c>status.findings</c>.</summary>
    public const string RefsNotFound = "RefsNotFound";

    // Programmed

    /// <summary>Programmed=True: every proxy concerned has acknowledged this generation.</summary>
    public const string Programmed = "Programmed";

    /// <summary>Programmed=False: some proxies have not acknowledged yet; the message names the first of them.</summary>
    public const string Pending = "Pending";

    /// <summary>Programmed=False: what this generation names does not exist yet, so for a moment proxies keep the one before; the message says until when.</summary>
    public const string WaitingForReferences = "WaitingForReferences";

    /// <summary>Programmed=False: a proxy refused the configuration; it keeps its last good one.</summary>
    public const string RefusedByProxy = "RefusedByProxy";

    /// <summary>Programmed=False: a proxy has not answered for 30 seconds.</summary>
    public const string ProxyUnreachable = "ProxyUnreachable";

    /// <summary>Programmed=True: no proxy runs that would use it, so there is nobody to wait for.</summary>
    public const string NoProxies = "NoProxies";

    /// <summary>Programmed=False: the object was not accepted, so no proxy was told of it.</summary>
    public const string NotAccepted = "NotAccepted";

    // Ready

    /// <summary>Ready=True: accepted, resolved, and held by every proxy concerned.</summary>
    public const string InEffect = "InEffect";

    /// <summary>Ready=False: it works, but a rule of it can never be reached or a destination has no ready endpoint.</summary>
    public const string PartlyUnreachable = "PartlyUnreachable";

    /// <summary>Ready=False: it is in force, but some clients are told to call in a way it refuses; the message names them.</summary>
    public const string ClientsRefused = "ClientsRefused";

    /// <summary>Ready=False: it is in force, but some sidecars are too old to be told all of it; the message names their pods, which need a restart.</summary>
    public const string SidecarsTooOld = "SidecarsTooOld";

    // StrictReady

    /// <summary>StrictReady=True: nobody called in clear text within the last hour.</summary>
    public const string NoClearText = "NoClearText";

    /// <summary>StrictReady=False: someone called in clear text within the last hour.</summary>
    public const string ClearTextClients = "ClearTextClients";

    /// <summary>StrictReady=Unknown: some of its proxies have not told yet who calls in clear text.</summary>
    public const string NotHeardOfAll = "NotHeardOfAll";
}
