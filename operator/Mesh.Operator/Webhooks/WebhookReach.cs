using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Mesh.Config.Identity;

namespace Mesh.Operator.Webhooks;

/// <summary>
/// Whether an API server that asks now is answered: this process shows a certificate of the published CA under the name it will
/// be asked by, and, behind the Service, some replica is ready.
/// </summary>
public sealed class WebhookReach(MeshState state, OperatorOptions options, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public async Task<bool> AnswersAsync(byte[] caBundle, CancellationToken cancellationToken) =>
        (options.WebhookUrl is not null || IsReady()) && await ShowsAsync(caBundle, cancellationToken);

    private bool IsReady() => state.Current.Slices.Values.Any(slice =>
        slice.Service.Namespace == options.Namespace && slice.Service.Name == OperatorOptions.ServiceName && slice.Endpoints.Any(endpoint => endpoint.Ready));

    private async Task<bool> ShowsAsync(byte[] caBundle, CancellationToken cancellationToken)
    {
        using var ca = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(caBundle));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync("localhost", options.WebhookPort, limit.Token);
            await using var tls = new SslStream(client.GetStream(), false, (_, shown, _, errors) => IsOurs(shown, errors, ca));
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = Name }, limit.Token);
            return true;
        }
        catch (Exception e) when (e is IOException or SocketException or System.Security.Authentication.AuthenticationException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    /// <summary>As the API server will name it.</summary>
    private string Name => options.WebhookUrl?.IdnHost.Trim('[', ']') ?? $"{OperatorOptions.ServiceName}.{options.Namespace}.svc";

    private bool IsOurs(X509Certificate? shown, SslPolicyErrors errors, X509Certificate2 ca)
    {
        if (shown is not X509Certificate2 certificate || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != 0) return false;
        using var chain = TrustedChain.Of(certificate, [], [ca], time.GetUtcNow(), out _);
        return chain is not null;
    }
}
