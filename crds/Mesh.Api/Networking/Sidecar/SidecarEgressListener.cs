using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>Services the pod calls, all of them or those called through one port.</summary>
public sealed record SidecarEgressListener
{
    /// <summary>Only this port, which takes the place of the list without a port for it. Default: every port of the hosts.</summary>
    public SidecarPort? Port { get; init; }

    /// <summary>Address to listen on. Default: where connections are captured from.</summary>
    public string? Bind { get; init; }

    /// <summary><c>DEFAULT</c> and <c>IPTABLES</c>: connections are captured; <c>NONE</c>: the application addresses the listener itself.</summary>
    [AllowedValues("DEFAULT", "IPTABLES", "NONE")]
    public string? CaptureMode { get; init; }

    /// <summary>
    /// Services as <c>NAMESPACE/NAME</c>: <c>*/*</c> all, <c>./*</c> those of this namespace, <c>prod/*.example.com</c> some of
    /// one namespace, <c>~/*</c> none, <c>~prod/a.example.com</c> all but this.
    /// </summary>
    [Required]
    public IReadOnlyList<string> Hosts { get; init; } = [];
}
