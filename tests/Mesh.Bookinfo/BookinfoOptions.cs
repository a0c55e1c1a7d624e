using System.Globalization;
using System.Net;

namespace Mesh.Bookinfo;

/// <summary>
/// The sample applications: one program that is any of the four services of bookinfo, or httpbin, told which by <c>--service</c>. productpage asks
/// details and reviews, reviews (v2, v3) asks ratings; headers that tie a request together travel along. It knows nothing of
/// the mesh: that is the point of a sample.
/// </summary>
public sealed record BookinfoOptions
{
    /// <summary>productpage, details, reviews, ratings, httpbin, or fortio.</summary>
    public required string Service { get; init; }

    /// <summary>v1, v2, v3: reviews behaves by it, the others only say it.</summary>
    public required string Version { get; init; }

    /// <summary>Name of the pod, shown on the page.</summary>
    public required string Pod { get; init; }

    /// <summary>Address to listen on.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>Port to listen on.</summary>
    public required int Port { get; init; }

    /// <summary>Base addresses of the other services.</summary>
    public required Uri Details { get; init; }

    /// <inheritdoc cref="Details" />
    public required Uri Reviews { get; init; }

    /// <inheritdoc cref="Details" />
    public required Uri Ratings { get; init; }

    private static readonly string[] Services = ["productpage", "details", "reviews", "ratings", "httpbin", "fortio"];

    /// <summary>
    /// From command line and environment; null where the service is none of those. The environment names
    /// (REVIEWS_HOSTNAME, REVIEWS_SERVICE_PORT, SERVICES_DOMAIN, …) are those bookinfo's manifests have always used.
    /// </summary>
    public static BookinfoOptions? From(IConfiguration configuration)
    {
        var service = configuration["service"] ?? "";
        if (!Services.Contains(service)) return null;
        return new BookinfoOptions
        {
            Service = service,
            Version = configuration["version"] ?? configuration["SERVICE_VERSION"] ?? "v1",
            Pod = configuration["POD_NAME"] ?? configuration["HOSTNAME"] ?? Environment.MachineName,
            Address = configuration["address"] is { } address ? IPAddress.Parse(address) : Any(),
            Port = int.Parse(configuration["port"] ?? "9080", CultureInfo.InvariantCulture),
            Details = Base(configuration, "details"),
            Reviews = Base(configuration, "reviews"),
            Ratings = Base(configuration, "ratings"),
        };
    }

    private static IPAddress Any() => System.Net.Sockets.Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;

    private static Uri Base(IConfiguration configuration, string service)
    {
        var prefix = service.ToUpperInvariant();
        var domain = configuration["SERVICES_DOMAIN"] is { Length: > 0 } given ? "." + given : "";
        var host = configuration[$"{prefix}_HOSTNAME"] ?? service;
        // A cluster sets REVIEWS_SERVICE_PORT for a Service of that name by itself, and to the same port.
        var port = configuration[$"{prefix}_SERVICE_PORT"] ?? "9080";
        return new Uri($"http://{host}{domain}:{port}/");
    }
}
