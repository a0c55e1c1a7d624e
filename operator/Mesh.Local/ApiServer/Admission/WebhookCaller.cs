using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Storage;

namespace Mesh.Local.ApiServer.Admission;

/// <summary>
/// Posts a review to a webhook over TLS it can verify, within the webhook's time. Connections are kept per address and
/// authority. It dials through the delegate it was given, so that webhooks in another network namespace are reached.
/// </summary>
internal sealed class WebhookCaller(ObjectStore store, ApiServerDial? dial) : IDisposable
{
    private const int LargestAnswer = 16 * 1024 * 1024;
    private readonly ConcurrentDictionary<string, HttpClient> clients = new(StringComparer.Ordinal);

    public async Task<JsonElement> CallAsync(AdmissionWebhook hook, JsonObject review, CancellationToken cancellation)
    {
        var target = Target(hook);
        var client = ClientFor(target, hook.ClientConfig.Text("caBundle") ?? "");
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(TimeSpan.FromSeconds(hook.TimeoutSeconds));
        try
        {
            using var content = new ByteArrayContent(review.ToBytes());
            content.Headers.ContentType = new("application/json");
            using var response = await client.PostAsync(new Uri(target.Url), content, deadline.Token);
            if (!response.IsSuccessStatusCode)
                throw new WebhookFailure("failed to call webhook: " + Refusal(response.StatusCode));
            return WebhookAnswer.Read(await response.Content.ReadAsByteArrayAsync(deadline.Token), review.Text("request", "uid")!);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new WebhookFailure($"failed to call webhook: Post \"{target.Url}\": context deadline exceeded");
        }
        catch (HttpRequestException problem)
        {
            throw new WebhookFailure($"failed to call webhook: Post \"{target.Url}\": {Cause(problem, target)}");
        }
    }

    public void Dispose()
    {
        foreach (var client in clients.Values)
            client.Dispose();
    }

    private WebhookTarget Target(AdmissionWebhook hook)
    {
        var query = $"?timeout={hook.TimeoutSeconds}s";
        if (hook.ClientConfig.Text("url") is { } text)
        {
            return Uri.TryCreate(text, UriKind.Absolute, out var url)
                ? new WebhookTarget(text + query, url, null)
                : throw new WebhookFailure($"failed to call webhook: invalid url \"{text}\"");
        }

        var service = hook.ClientConfig.At("service") ?? throw new WebhookFailure("webhook has neither url nor service");
        var (ns, name) = (service.Text("namespace") ?? "", service.Text("name") ?? "");
        var port = (int)(service.Integer("port") ?? 443);
        // Written out, since a Uri leaves the port of its scheme away and Kubernetes does not.
        var full = $"https://{name}.{ns}.svc:{port}/{(service.Text("path") ?? "").TrimStart('/')}{query}";
        var found = store.Find("services", ns, name)
            ?? throw new WebhookFailure($"failed to call webhook: Post \"{full}\": service \"{name}\" not found");
        return IPAddress.TryParse(found.Json.Text("spec", "clusterIP"), out var address)
            ? new WebhookTarget(full, new Uri(full), new IPEndPoint(address, port))
            : new WebhookTarget(full, new Uri(full), new DnsEndPoint($"{name}.{ns}.svc.cluster.local", port));
    }

    private HttpClient ClientFor(WebhookTarget target, string bundle)
    {
        var key = $"{target.Host.Scheme}://{target.Host.Authority} {target.Address} {Convert.ToHexString(SHA256.HashData(Encoding.ASCII.GetBytes(bundle)))}";
        // Bundles change when a webhook's certificate is renewed; old clients are few and small, yet not for ever.
        if (clients.Count > 64)
            clients.Clear();
        return clients.GetOrAdd(key, _ => NewClient(target.Address, bundle));
    }

    private HttpClient NewClient(EndPoint? address, string bundle)
    {
        var trusted = Trusted(bundle);
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            ConnectCallback = async (context, cancellation) => await OpenAsync(address ?? context.DnsEndPoint, cancellation),
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, chain, errors) => Verify(trusted, certificate, chain, errors),
            },
        };
        var client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = LargestAnswer };
        client.DefaultRequestHeaders.Accept.ParseAdd("application/json, */*");
        client.DefaultRequestHeaders.UserAgent.ParseAdd("kube-apiserver-admission");
        return client;
    }

    private async ValueTask<Stream> OpenAsync(EndPoint target, CancellationToken cancellation)
    {
        if (target is DnsEndPoint named && IPAddress.TryParse(named.Host.Trim('[', ']'), out var literal))
            target = new IPEndPoint(literal, named.Port);
        if (dial is not null)
            return await dial(target, cancellation);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(target, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static bool Verify(X509Certificate2Collection trusted, X509Certificate? certificate, X509Chain? presented, SslPolicyErrors errors)
    {
        if (certificate is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != 0)
            return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(trusted);
        foreach (var element in presented?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        using var leaf = new X509Certificate2(certificate);
        return chain.Build(leaf);
    }

    private static X509Certificate2Collection Trusted(string bundle)
    {
        var trusted = new X509Certificate2Collection();
        if (bundle.Length > 0)
            trusted.ImportFromPem(Encoding.UTF8.GetString(Convert.FromBase64String(bundle)));
        return trusted;
    }

    private static string Refusal(HttpStatusCode code) => code switch
    {
        HttpStatusCode.NotFound => "the server could not find the requested resource",
        _ => "an error on the server (\"unknown\") has prevented the request from succeeding",
    };

    private static string Cause(HttpRequestException problem, WebhookTarget target) => problem.HttpRequestError switch
    {
        HttpRequestError.SecureConnectionError => "tls: failed to verify certificate: x509: certificate signed by unknown authority",
        _ when problem.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused } => $"dial tcp {target.Address as IPEndPoint ?? (object)target.Host.Authority}: connect: connection refused",
        _ => problem.Message,
    };
}
