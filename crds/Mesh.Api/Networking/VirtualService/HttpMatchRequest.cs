namespace Mesh.Api.Networking;

/// <summary>What a request must be like; all that is given must hold.</summary>
public sealed record HttpMatchRequest
{
    /// <summary>Name, shown in the access log as <c>RULE.MATCH</c>.</summary>
    public string? Name { get; init; }

    /// <summary>Path without query, case-sensitive. Prefix is a plain string prefix.</summary>
    public StringMatch? Uri { get; init; }

    /// <summary>Scheme, <c>http</c> or <c>https</c>, case-sensitive.</summary>
    public StringMatch? Scheme { get; init; }

    /// <summary>Method, case-sensitive: <c>GET</c>.</summary>
    public StringMatch? Method { get; init; }

    /// <summary>Host the caller asked for (<c>Host</c> or <c>:authority</c>), case-sensitive.</summary>
    public StringMatch? Authority { get; init; }

    /// <summary>Headers by lower-case name; <c>{}</c> asks only that the header is there. <c>uri</c>, <c>scheme</c>, <c>method</c> and <c>authority</c> are ignored as names.</summary>
    public IReadOnlyDictionary<string, StringMatch?> Headers { get; init; } = new Dictionary<string, StringMatch?>();

    /// <summary>Port of the service that was addressed.</summary>
    [Port]
    public int? Port { get; init; }

    /// <summary>Only for callers whose pod has all these labels.</summary>
    public IReadOnlyDictionary<string, string> SourceLabels { get; init; } = new Dictionary<string, string>();

    /// <summary>Only on these gateways; replaces the <c>gateways</c> of the whole VirtualService for this match.</summary>
    public IReadOnlyList<string> Gateways { get; init; } = [];

    /// <summary>Query parameters by name; <c>{}</c> asks only that the parameter is there.</summary>
    public IReadOnlyDictionary<string, StringMatch?> QueryParams { get; init; } = new Dictionary<string, StringMatch?>();

    /// <summary>Compare <c>uri</c> (exact or prefix) without regard to case. Default false.</summary>
    public bool? IgnoreUriCase { get; init; }

    /// <summary>Headers that must not match; an absent header counts as not matching, <c>{}</c> asks that it is absent.</summary>
    public IReadOnlyDictionary<string, StringMatch?> WithoutHeaders { get; init; } = new Dictionary<string, StringMatch?>();

    /// <summary>Only for callers of this namespace.</summary>
    public string? SourceNamespace { get; init; }

    /// <summary>Requests of this match are counted by themselves as well, in metrics <c>envoy_vhost_route_…</c> with this name as label <c>envoy_route</c>.</summary>
    public string? StatPrefix { get; init; }
}
