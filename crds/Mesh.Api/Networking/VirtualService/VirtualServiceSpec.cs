using System.Text.Json.Serialization;

namespace Mesh.Api.Networking;

/// <summary>Routing of one or more hosts.</summary>
public sealed record VirtualServiceSpec : ISpecFromUser
{
    /// <summary>
    /// The hosts these rules are about: a service's short name (<c>reviews</c> = the one of this namespace), a full name
    /// (<c>reviews.prod.svc.cluster.local</c>), or one with a leading wildcard (<c>*.example.com</c>). A name with a dot is
    /// taken as it is. None at all makes this a delegate, used only through <c>delegate</c> of another VirtualService.
    /// </summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>
    /// Where the rules hold: names of Gateways (<c>NAMESPACE/NAME</c> or <c>NAME</c>), and the word <c>mesh</c> for all
    /// sidecars. Default <c>[mesh]</c>; when a gateway is named, the mesh is only included if <c>mesh</c> is listed too.
    /// </summary>
    public IReadOnlyList<string> Gateways { get; init; } = [];

    /// <summary>Rules for HTTP/1.1, HTTP/2 and gRPC, tried in order; the first that matches decides.</summary>
    public IReadOnlyList<HttpRoute> Http { get; init; } = [];

    /// <summary>Rules for TLS that is passed through unopened, chosen by server name (SNI), tried in order.</summary>
    public IReadOnlyList<TlsRoute> Tls { get; init; } = [];

    /// <summary>Rules for any other TCP, tried in order.</summary>
    public IReadOnlyList<TcpRoute> Tcp { get; init; } = [];

    /// <summary>
    /// Namespaces that see these rules: <c>*</c> all (default), <c>.</c> only this one, or names of namespaces.
    /// </summary>
    public IReadOnlyList<string> ExportTo { get; init; } = [];

    /// <inheritdoc/>
    [JsonIgnore]
    public string? Unreadable { get; init; }
}
