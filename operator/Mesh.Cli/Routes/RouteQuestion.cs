using System.Net;

namespace Mesh.Cli.Routes;

/// <summary>What `mesh route` is asked.</summary>
internal sealed record RouteQuestion
{
    public required RouteCaller From { get; init; }

    public required Uri To { get; init; }

    public string Method { get; init; } = "GET";

    /// <summary>In the order given; <c>Host</c> may be among them.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Server name of a TLS connection; null: as the URL says.</summary>
    public string? ServerName { get; init; }

    /// <summary>Where the connection is addressed to; null: found from the host.</summary>
    public IPEndPoint? Address { get; init; }

    /// <summary>Nothing is known of the bytes but where they go.</summary>
    public bool IsOpaque => To.Scheme == "tcp" || (Address is not null && To.Scheme is not ("http" or "https" or "grpc" or "tls") && ServerName is null);

    public bool IsTls => ServerName is not null || To.Scheme is "https" or "tls";

    /// <summary>The port addressed.</summary>
    public int Port => Address?.Port ?? (To.Port > 0 ? To.Port : IsTls ? 443 : 80);
}
