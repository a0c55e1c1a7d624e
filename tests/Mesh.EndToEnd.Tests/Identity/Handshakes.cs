using Mesh.Testing;

namespace Mesh.EndToEnd.Tests.Identity;

/// <summary>openssl in a pod, as the mesh's TLS and as other TLS, with papers of all kinds.</summary>
internal static class Handshakes
{
    /// <summary>What the mesh's clients say they speak inside.</summary>
    public const string MeshHttp = "istio-http/1.1";

    private const string Script = """
        cd /tmp; set --; trap 'rm -f /tmp/papers.*' EXIT
        if [ -n "$CERTIFICATE" ]; then printf '%s\n' "$CERTIFICATE" > papers.crt; printf '%s\n' "$KEY" > papers.key; set -- -cert papers.crt -key papers.key; fi
        printf 'GET /asked-by-openssl HTTP/1.1\r\nHost: server\r\nConnection: close\r\n\r\n' | timeout 10 openssl s_client -connect "$ADDRESS" -servername "$SERVER" ${ALPN:+-alpn $ALPN} -quiet "$@" 2>&1 | tr -d '\0'
        """;

    /// <summary>A request through a handshake; returns everything openssl said, the answer with it.</summary>
    public static string Ask(Func<string[], CommandResult> where, string address, Papers papers, string? alpn, string server = "outbound_.8000_._.server.vault.svc.cluster.local") =>
        where(["env", $"CERTIFICATE={papers.Certificate}", $"KEY={papers.Key}", $"ADDRESS={address}", $"SERVER={server}", $"ALPN={alpn}", "bash", "-c", Script]).Output;

    /// <summary>Whether the application answered.</summary>
    public static bool Reached(string said) => said.Contains("GET /asked-by-openssl", StringComparison.Ordinal) && said.Contains("200 OK", StringComparison.Ordinal);
}
