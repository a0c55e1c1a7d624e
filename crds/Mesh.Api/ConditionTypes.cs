namespace Mesh.Api;

/// <summary>The conditions Mesh writes into the status of every kind, each with the generation it speaks about.</summary>
public static class ConditionTypes
{
    /// <summary>The object is valid by itself and Mesh acts on it. False: nothing of it is used.</summary>
    public const string Accepted = "Accepted";

    /// <summary>Everything the object names exists: hosts, ports, subsets, gateways, delegates.</summary>
    public const string ResolvedRefs = "ResolvedRefs";

    /// <summary>Every proxy that the object concerns has acknowledged this generation of it. The message names laggards.</summary>
    public const string Programmed = "Programmed";

    /// <summary>The summary for the READY column: all of the above, and the object has an effect.</summary>
    public const string Ready = "Ready";

    /// <summary>
    /// Of a PeerAuthentication: nobody reached its pods in clear text within the last hour, so STRICT would refuse none of those
    /// who called. False: the message names them.
    /// </summary>
    public const string StrictReady = "StrictReady";

    /// <summary>All of them, in the order they are written.</summary>
    public static IReadOnlyList<string> All { get; } = [Accepted, ResolvedRefs, Programmed, Ready, StrictReady];
}
