using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace Mesh.Benchmarks.Api;

/// <summary>One HTTP/2 connection to the API server with the administrator's certificate, as client-go holds one.</summary>
public sealed class ApiClient : IDisposable
{
    private readonly HttpMessageInvoker _http;
    private readonly Uri _server;

    public ApiClient(string kubeconfig)
    {
        var config = JsonNode.Parse(File.ReadAllText(kubeconfig))!;
        var cluster = config["clusters"]![0]!["cluster"]!;
        var user = config["users"]![0]!["user"]!;
        var authority = Pem(cluster["certificate-authority-data"]!);
        _server = new Uri(cluster["server"]!.GetValue<string>());
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AutomaticDecompression = DecompressionMethods.None,
            InitialHttp2StreamWindowSize = 1024 * 1024,
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificates = [X509Certificate2.CreateFromPem(Pem(user["client-certificate-data"]!), Pem(user["client-key-data"]!))],
                RemoteCertificateValidationCallback = (_, certificate, _, _) => IsSignedBy(authority, certificate),
            },
        });
    }

    /// <summary>Sends, and reads the answer to its end; returns how many bytes it had.</summary>
    /// <exception cref="InvalidOperationException">The server refused.</exception>
    public async Task<long> SendAsync(HttpMethod method, string path, ReadOnlyMemory<byte> body = default, string type = "application/json")
    {
        using var response = await AskAsync(method, path, body, type, CancellationToken.None);
        await using var answer = await response.Content.ReadAsStreamAsync();
        var chunk = new byte[64 * 1024];
        long size = 0;
        while (await answer.ReadAsync(chunk) is var read and > 0)
            size += read;
        return size;
    }

    public async Task<JsonNode> GetAsync(string path)
    {
        using var response = await AskAsync(HttpMethod.Get, path, default, "", CancellationToken.None);
        return JsonNode.Parse(await response.Content.ReadAsStreamAsync())!;
    }

    /// <summary>Posts, and reads the answer.</summary>
    public async Task<JsonNode> PostAsync(string path, ReadOnlyMemory<byte> body)
    {
        using var response = await AskAsync(HttpMethod.Post, path, body, "application/json", CancellationToken.None);
        return JsonNode.Parse(await response.Content.ReadAsStreamAsync())!;
    }

    public async Task<Stream> OpenAsync(string path, CancellationToken cancellation) =>
        await (await AskAsync(HttpMethod.Get, path, default, "", cancellation)).Content.ReadAsStreamAsync(cancellation);

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> AskAsync(HttpMethod method, string path, ReadOnlyMemory<byte> body, string type, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, new Uri(_server, path)) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("bench", "1"));
        if (!body.IsEmpty)
            request.Content = new ReadOnlyMemoryContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
        var response = await _http.SendAsync(request, cancellation);
        if (response.IsSuccessStatusCode)
            return response;
        throw new InvalidOperationException($"{method} {path}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(cancellation)}");
    }

    private static bool IsSignedBy(string authority, X509Certificate? certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.ImportFromPem(authority);
        return chain.Build((X509Certificate2)certificate!);
    }

    private static string Pem(JsonNode data) => Encoding.UTF8.GetString(Convert.FromBase64String(data.GetValue<string>()));
}
