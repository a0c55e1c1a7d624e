using Mesh.Config;

namespace Mesh.Operator.Core.Snapshot;

/// <summary>What a Service port speaks: by appProtocol, else by the port's name, else by a well-known number, else unknown.</summary>
public static class ProtocolSelection
{
    public static AppProtocol Select(int port, string? name, string? appProtocol)
    {
        switch (appProtocol)
        {
            case "kubernetes.io/h2c": return AppProtocol.Http2;
            case "kubernetes.io/ws": return AppProtocol.Http;
            case "kubernetes.io/wss": return AppProtocol.Tls;
        }

        return Parse(PrefixOf(appProtocol ?? name ?? "")) ?? (SpeaksServerFirst(port) ? AppProtocol.Tcp : AppProtocol.Auto);
    }

    /// <summary>The protocol of this name in any case; null when the name means none.</summary>
    public static AppProtocol? Parse(string name) => name.ToLowerInvariant() switch
    {
        "http" or "http_proxy" => AppProtocol.Http,
        "http2" or "grpc" or "grpc-web" => AppProtocol.Http2,
        "https" or "tls" => AppProtocol.Tls,
        "tcp" or "mongo" or "redis" or "mysql" => AppProtocol.Tcp,
        _ => null,
    };

    // "grpc-web" holds the hyphen that otherwise ends the prefix, so it is looked for first.
    private static string PrefixOf(string name) =>
        name.StartsWith("grpc-web", StringComparison.OrdinalIgnoreCase) ? "grpc-web" : name.Split('-', 2)[0];

    // SMTP, DNS, MySQL and MongoDB: detection would wait for a client that waits for the server.
    private static bool SpeaksServerFirst(int port) => port is 25 or 53 or 3306 or 27017;
}
