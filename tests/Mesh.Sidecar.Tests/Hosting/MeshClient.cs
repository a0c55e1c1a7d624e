using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Mesh.Config;

namespace Mesh.Sidecar.Tests.Hosting;

/// <summary>A client of mutual TLS that is no sidecar: it shows what a test gives it and asks nothing of the server.</summary>
internal sealed class MeshClient : IAsyncDisposable
{
    private readonly TcpClient connection;

    private MeshClient(TcpClient connection, SslStream stream) => (this.connection, Stream) = (connection, stream);

    public SslStream Stream { get; }

    public static async Task<MeshClient> ConnectAsync(
        TestSidecar server, X509Certificate2? certificate, string alpn = WellKnown.AlpnTcp, SslProtocols versions = SslProtocols.None, X509Certificate2Collection? between = null)
    {
        var connection = await server.ConnectInboundAsync();
        var stream = new SslStream(connection.GetStream());
        try
        {
            await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "outbound_.80_._.server.default.svc.cluster.local",
                ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, between, offline: true),
                ApplicationProtocols = alpn.Length == 0 ? null : [.. alpn.Split(',').Select(name => new SslApplicationProtocol(name))],
                EnabledSslProtocols = versions,
                AllowTlsResume = false,
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
            }, TestContext.Current.CancellationToken);
        }
        catch (Exception)
        {
            connection.Dispose();
            throw;
        }

        return new MeshClient(connection, stream);
    }

    /// <summary>Says something and hears what comes back, up to this many bytes.</summary>
    public async Task<string> AskAsync(string text, int bytes = 64)
    {
        await Stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(text), TestContext.Current.CancellationToken);
        var buffer = new byte[bytes];
        var count = await Stream.ReadAsync(buffer, TestContext.Current.CancellationToken);
        return System.Text.Encoding.ASCII.GetString(buffer, 0, count);
    }

    public async ValueTask DisposeAsync()
    {
        await Stream.DisposeAsync();
        connection.Dispose();
    }
}
