using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>Where a workload is reached and what it is: what an entry says of one, and a group of all of its own.</summary>
[CelRule("!has(self.address) || !self.address.startsWith('unix://') || !has(self.ports)", "UDS may not include ports")]
public abstract record WorkloadDescription
{
    /// <summary>An IP, a name (only where names are resolved: DNS), or <c>unix:///path</c> of a socket.</summary>
    [StringLength(256)]
    [CelRule("!self.startsWith('unix://') || self.startsWith('unix:///') || self.startsWith('unix://@')", "UDS must be an absolute path or abstract socket")]
    [CelRule("!self.startsWith('unix://') || !self.endsWith('/')", "UDS may not be a dir")]
    public string? Address { get; init; }

    /// <summary>Its own numbers for ports of the service, by their names. Default: the service's targetPort, else its number.</summary>
    [MaxLength(128)]
    [CelRule("self.all(name, 0 < self[name] && self[name] <= 65535)", "port must be between 1-65535")]
    [CelRule("self.all(name, size(name) < 64 && name.matches('^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$'))", "port name must be valid")]
    public IReadOnlyDictionary<string, int> Ports { get; init; } = new Dictionary<string, int>();

    /// <summary>Labels, by which services and subsets select it.</summary>
    [MaxLength(256)]
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Network it is in, where several are not connected with each other.</summary>
    [StringLength(2048)]
    public string? Network { get; init; }

    /// <summary>Where it stands: <c>region/zone/subzone</c>.</summary>
    [StringLength(2048)]
    public string? Locality { get; init; }

    /// <summary>Its share among the members; twice the weight, twice the requests. Default: all equal.</summary>
    [Range(0, 4294967295d)]
    public long? Weight { get; init; }

    /// <summary>The service account it runs as, for its identity in the mesh.</summary>
    [StringLength(253)]
    public string? ServiceAccount { get; init; }
}
