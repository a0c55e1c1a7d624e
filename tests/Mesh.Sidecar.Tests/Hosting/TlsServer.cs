using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Mesh.Testing;

namespace Mesh.Sidecar.Tests.Hosting;

/// <summary>A server of TLS that answers every request, and remembers whom it was asked for and by whom.</summary>
internal sealed class TlsServer : IAsyncDisposable
{
    private readonly RawServer server;
    private readonly X509Certificate2 certificate;

    public TlsServer(X509Certificate2 certificate)
    {
        this.certificate = certificate;
        server = new RawServer(HandleAsync);
    }

    public int Port => server.Port;

    public bool AsksForCertificate { get; init; }

    /// <summary>Whoever shows no certificate of this authority is refused.</summary>
    public TestAuthority? Demands { get; init; }

    /// <summary>Handshakes so far, of whatever end.</summary>
    public int Connections { get; private set; }

    public string? LastName { get; private set; }

    public string? LastClient { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        certificate.Dispose();
    }

    private async Task HandleAsync(Socket socket, CancellationToken cancellation)
    {
        await using var stream = new SslStream(new NetworkStream(socket));
        try
        {
            await stream.AuthenticateAsServerAsync(
                (_, hello, _, _) =>
                {
                    LastName = hello.ServerName;
                    Connections++;
                    return new(new SslServerAuthenticationOptions
                    {
                        ServerCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true),
                        ClientCertificateRequired = AsksForCertificate || Demands is not null,
                        RemoteCertificateValidationCallback = (_, shown, _, _) =>
                        {
                            LastClient = (shown as X509Certificate2)?.Thumbprint;
                            return Demands is null || (shown is not null && shown.Issuer == Demands.Root.Subject && Vouches(Demands, (X509Certificate2)shown));
                        },
                    });
                },
                null, cancellation);
            var buffer = new byte[4096];
            while (await stream.ReadAsync(buffer, cancellation) > 0)
                await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret"u8.ToArray(), cancellation);
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            // The client did not like what it saw.
        }
    }

    private static bool Vouches(TestAuthority authority, X509Certificate2 shown)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authority.Roots);
        return chain.Build(shown);
    }
}
