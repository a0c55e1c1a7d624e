namespace Mesh.Api.Validation;

/// <summary>The words for what is spoken on a port, whatever their case.</summary>
internal static class Protocols
{
    /// <summary>What to write.</summary>
    public const string Remedy = "Write HTTP, HTTP2, GRPC, GRPC-WEB, HTTPS, TLS, TCP or MONGO.";

    private static readonly string[] Http = ["HTTP", "HTTP2", "HTTP_PROXY", "GRPC", "GRPC-WEB"];
    private static readonly string[] Tls = ["HTTPS", "TLS"];
    private static readonly string[] Other = ["TCP", "UDP", "MONGO", "REDIS", "MYSQL", "HBONE"];

    /// <summary>Whether requests can be told apart in it.</summary>
    public static bool IsHttp(string? protocol) => Http.Contains(protocol, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether it begins with a TLS handshake.</summary>
    public static bool IsTls(string? protocol) => Tls.Contains(protocol, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether it is a protocol at all.</summary>
    public static bool IsKnown(string? protocol) => IsHttp(protocol) || IsTls(protocol) || Other.Contains(protocol, StringComparer.OrdinalIgnoreCase);

    /// <summary>A protocol that may be left out, to be found out per connection.</summary>
    public static void Check(FindingList found, string path, string? protocol)
    {
        if (!string.IsNullOrEmpty(protocol) && !IsKnown(protocol))
            found.Error(path, protocol, "There is no such protocol.", Remedy + " Left out, it is found out per connection.");
    }
}
