using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Mesh.Api.Networking;

/// <summary>A service with its names, ports and members.</summary>
[AtMostOneOf(nameof(WorkloadSelector), nameof(Endpoints))]
[CelRule("!has(self.addresses) || !self.addresses.exists(address, address.contains('/')) || !has(self.resolution) || self.resolution in ['NONE', 'STATIC']", "CIDR addresses are allowed only for NONE/STATIC resolution types")]
[CelRule("!has(self.endpoints) || (has(self.resolution) && self.resolution != 'NONE')", "NONE mode cannot set endpoints")]
[CelRule("!has(self.resolution) || self.resolution != 'DNS_ROUND_ROBIN' || !has(self.endpoints) || self.endpoints.size() <= 1", "DNS_ROUND_ROBIN mode cannot have multiple endpoints")]
[CelRule("!has(self.resolution) || self.resolution != 'DYNAMIC_DNS' || self.hosts.all(host, host.startsWith('*.'))", "DYNAMIC_DNS mode needs wildcard hosts")]
public sealed record ServiceEntrySpec : ISpecFromUser
{
    /// <summary>
    /// Names of the service, in full; a leading wildcard (<c>*.example.com</c>) takes every name below. HTTP is told apart by
    /// the Host header, TLS by SNI, other TCP by address.
    /// </summary>
    [Required]
    [MinLength(1)]
    [MaxLength(256)]
    [CelRule("self.all(host, host != '*')", "hostname cannot be wildcard")]
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>
    /// Addresses under which clients reach it, networks (<c>192.168.0.0/16</c>) for NONE and STATIC as well. Default: where one
    /// is needed, one is given out of 240.240.0.0/16 (see status.addresses), which names resolve to inside the mesh.
    /// </summary>
    [MaxLength(256)]
    [Each(MaxLength = 64)]
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>Ports of the service, unique by name and number.</summary>
    [ListMapKey("name")]
    [MaxLength(256)]
    [CelRule("self.all(one, self.exists_one(other, one.number == other.number))", "port number cannot be duplicated")]
    public IReadOnlyList<ServiceEntryPort> Ports { get; init; } = [];

    /// <summary><c>MESH_EXTERNAL</c> (default): outside, mutual TLS of the mesh is not spoken to it. <c>MESH_INTERNAL</c>: part of the mesh.</summary>
    [AllowedValues("MESH_EXTERNAL", "MESH_INTERNAL")]
    public string? Location { get; init; }

    /// <summary>
    /// How its members are found. <c>NONE</c> (default): connections go to the address the client chose. <c>STATIC</c>: the
    /// endpoints' addresses. <c>DNS</c>: all addresses that the endpoints (without any: the hosts) resolve to.
    /// <c>DNS_ROUND_ROBIN</c>: only the first of them for each new connection. <c>DYNAMIC_DNS</c>: the name each request asks
    /// for; only with wildcard hosts.
    /// </summary>
    [AllowedValues("NONE", "STATIC", "DNS", "DNS_ROUND_ROBIN", "DYNAMIC_DNS")]
    public string? Resolution { get; init; }

    /// <summary>Its members: addresses for STATIC, names as well for DNS. Excludes <c>workloadSelector</c>.</summary>
    [MaxLength(4096)]
    public IReadOnlyList<WorkloadEntrySpec> Endpoints { get; init; } = [];

    /// <summary>Members by label: WorkloadEntries and pods of this namespace. Only with STATIC or DNS.</summary>
    public WorkloadLabelSelector? WorkloadSelector { get; init; }

    /// <summary>Namespaces that see the service: <c>*</c> all (default), <c>.</c> only this one, or names of namespaces.</summary>
    public IReadOnlyList<string> ExportTo { get; init; } = [];

    /// <summary>Names of which a member's certificate must carry one, where TLS is spoken to it.</summary>
    public IReadOnlyList<string> SubjectAltNames { get; init; } = [];

    /// <inheritdoc/>
    [JsonIgnore]
    public string? Unreadable { get; init; }
}
