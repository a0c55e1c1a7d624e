using Mesh.Api.Networking;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>One HTTP rule as it acts: of a VirtualService itself, or of one it delegates to, with what that inherits.</summary>
/// <param name="Owner">The VirtualService it is written in.</param>
/// <param name="Index">Its place there.</param>
/// <param name="Route">What it says.</param>
internal sealed record HttpRule(RuleKey Owner, int Index, HttpRoute Route)
{
    /// <summary>Where its short host names are completed.</summary>
    public string Namespace => Owner.Object.Namespace;

    /// <summary>Only what may safely be done twice is retried.</summary>
    public bool OnlyIdempotent { get; init; }

    /// <summary>As proxies and people are told of it.</summary>
    public string Origin => $"{Owner}#http[{Index}]";
}
