using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using k8s;
using Mesh.Local.ApiServer;

namespace Mesh.Local.Tests.ApiServer;

/// <summary>A server of the test's own, reached as any client reaches it: over HTTPS, with the kubeconfig it wrote.</summary>
public sealed class ApiServerFixture : IAsyncDisposable
{
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    private readonly string directory;
    private readonly EmbeddedApiServer server;

    private ApiServerFixture(string directory, EmbeddedApiServer server, List<Exception> faults)
    {
        this.directory = directory;
        this.server = server;
        Faults = faults;
        Url = new Uri("https://" + server.EndPoints[0]);
        Kubeconfig = Path.Combine(directory, "kubeconfig");
        server.WriteKubeconfig(Kubeconfig, Url, ApiUser.Admin);
        Client = NewClient(Kubeconfig);
    }

    public Uri Url { get; }

    public string Kubeconfig { get; }

    /// <summary>As the administrator.</summary>
    public HttpClient Client { get; }

    public List<Exception> Faults { get; }

    public EmbeddedApiServer Server => server;

    public static async Task<ApiServerFixture> StartAsync(Func<ApiServerOptions, ApiServerOptions>? with = null)
    {
        var directory = Directory.CreateTempSubdirectory("mesh-apiserver-").FullName;
        var faults = new List<Exception>();
        var options = new ApiServerOptions
        {
            StateDirectory = Path.Combine(directory, "state"),
            Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
            Fault = faults.Add,
        };
        var server = await EmbeddedApiServer.StartAsync(with?.Invoke(options) ?? options, CancellationToken.None);
        return new ApiServerFixture(directory, server, faults);
    }

    /// <summary>A client of the library the operator uses.</summary>
    public Kubernetes Kubernetes() => new(KubernetesClientConfiguration.BuildConfigFromConfigFile(Kubeconfig));

    public async Task<ApiAnswer> SendAsync(
        string method, string path, JsonNode? body = null, string contentType = "application/json", string accept = "application/json",
        string? userAgent = "recorder/1.0", string? rawBody = null, HttpClient? client = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(Url, path));
        request.Headers.TryAddWithoutValidation("Accept", accept);
        if (userAgent is not null)
            request.Headers.TryAddWithoutValidation("User-Agent", userAgent);
        if (body is not null || rawBody is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(rawBody ?? body!.ToJsonString()));
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        }

        using var response = await (client ?? Client).SendAsync(request);
        return new ApiAnswer((int)response.StatusCode, await response.Content.ReadAsStringAsync(), [.. response.Headers.TryGetValues("Warning", out var warnings) ? warnings : []]);
    }

    public async Task<JsonNode> MustAsync(string method, string path, JsonNode? body = null, string contentType = "application/json")
    {
        var answer = await SendAsync(method, path, body, contentType);
        Assert.True(answer.Status is >= 200 and < 300, $"{method} {path}: {answer.Status} {answer.Text}");
        return answer.Json;
    }

    public async Task CreateNamespaceAsync(string name) => await MustAsync("POST", "/api/v1/namespaces", new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } });

    public async Task DefineAsync(JsonNode definition)
    {
        var made = await MustAsync("POST", Definitions, definition);
        var item = $"{Definitions}/{made["metadata"]!["name"]}";
        await Testing.Eventually.True(async () => (await SendAsync("GET", item)).Json["status"]!["conditions"] is JsonArray conditions
            && conditions.Any(one => one!["type"]!.ToString() == "Established" && one["status"]!.ToString() == "True"), "the kind is established");
    }

    /// <summary>A WebSocket of the administrator's, in one of the subprotocols given.</summary>
    public async Task<ClientWebSocket> ConnectAsync(string path, params string[] protocols)
    {
        var socket = new ClientWebSocket();
        foreach (var protocol in protocols)
            socket.Options.AddSubProtocol(protocol);
        socket.Options.RemoteCertificateValidationCallback = Trusts;
        socket.Options.ClientCertificates.Add(CertificateOf(Kubeconfig));
        await socket.ConnectAsync(new UriBuilder(new Uri(Url, path)) { Scheme = "wss" }.Uri, CancellationToken.None);
        return socket;
    }

    public HttpClient NewClient(string? kubeconfig)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = Trusts } };
        if (kubeconfig is not null)
            handler.SslOptions.ClientCertificates = [CertificateOf(kubeconfig)];

        return new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(60) };
    }

    /// <summary>The client's certificate and key that a kubeconfig holds.</summary>
    public static X509Certificate2 CertificateOf(string kubeconfig)
    {
        var config = JsonNode.Parse(File.ReadAllText(kubeconfig))!["users"]![0]!["user"]!;
        return X509Certificate2.CreateFromPem(Decode(config["client-certificate-data"]!), Decode(config["client-key-data"]!));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await server.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    private bool Trusts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        own.ChainPolicy.CustomTrustStore.ImportFromPem(server.AuthorityPem);
        return own.Build((X509Certificate2)certificate!) && (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) == 0;
    }

    private static string Decode(JsonNode data) => Encoding.UTF8.GetString(Convert.FromBase64String(data.GetValue<string>()));
}
