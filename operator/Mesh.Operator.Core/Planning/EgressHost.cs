using Mesh.Api.Validation;

namespace Mesh.Operator.Core.Planning;

/// <summary>One host of a Sidecar's egress: <c>NAMESPACE/NAME</c>, or with a tilde before the namespace one that is left out.</summary>
internal sealed record EgressHost
{
    /// <summary><c>.</c> the client's own, <c>*</c> every one, else a namespace by name.</summary>
    public required string Namespace { get; init; }

    /// <summary>A name, or one with a leading wildcard.</summary>
    public required string Host { get; init; }

    /// <summary>What fits is left out, whatever else takes it in.</summary>
    public bool IsExclusion { get; init; }

    /// <summary>Null for what is no such host.</summary>
    public static EgressHost? Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 1 || slash == text.Length - 1) return null;
        var (space, host) = (text[..slash], text[(slash + 1)..].ToLowerInvariant().TrimEnd('.'));
        return space.StartsWith('~')
            // Without a namespace it is of all: ~/* leaves nothing.
            ? new EgressHost { Namespace = space.Length == 1 ? "*" : space[1..], Host = host, IsExclusion = true }
            : new EgressHost { Namespace = space, Host = host };
    }

    public bool IsOf(string space, string clientNamespace) => Namespace == "*" || Namespace == space || (Namespace == "." && space == clientNamespace);

    /// <summary>Whether a service of this name is meant.</summary>
    public bool Takes(string serviceHost) => HostPattern.IsWithin(serviceHost, Host);

    /// <summary>Whether a rule for this host may speak for a service that is meant: either may be the wider one.</summary>
    public bool Touches(string ruleHost) => HostPattern.Overlap(ruleHost, Host);
}
