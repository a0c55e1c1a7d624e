namespace Mesh.Operator.Core.Snapshot;

/// <summary>Names one object of the mesh's API; the text form is what findings carry.</summary>
public readonly record struct RuleKey(string Kind, ObjectKey Object) : IComparable<RuleKey>
{
    public const string VirtualService = "VirtualService";

    public const string DestinationRule = "DestinationRule";

    public const string ServiceEntry = "ServiceEntry";

    public const string WorkloadEntry = "WorkloadEntry";

    public const string Sidecar = "Sidecar";

    public const string ProxyConfig = "ProxyConfig";

    public const string HealthCheck = "HealthCheck";

    public const string PeerAuthentication = "PeerAuthentication";

    public int CompareTo(RuleKey other)
    {
        var byKind = string.CompareOrdinal(Kind, other.Kind);
        return byKind != 0 ? byKind : Object.CompareTo(other.Object);
    }

    public override string ToString() => $"{Kind}/{Object}";
}
