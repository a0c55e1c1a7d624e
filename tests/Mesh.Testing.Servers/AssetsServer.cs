using System.Diagnostics;
using System.Security.Cryptography;
using Xunit;

namespace Mesh.Testing.Servers;

/// <summary>A real kube-apiserver and etcd from KUBEBUILDER_ASSETS, without nodes or controllers; both end with it.</summary>
public sealed class AssetsServer : ITestServer
{
    private readonly DirectoryInfo _state;
    private readonly List<Process> _processes = [];

    private AssetsServer(DirectoryInfo state) => _state = state;

    public string Kubeconfig => Path.Combine(_state.FullName, "kubeconfig");

    public string WebhookHost => "127.0.0.1";

    public bool RunsControllers => false;

    public string? Image => null;

    /// <summary>Where KUBEBUILDER_ASSETS says that the programs are; null: they are not.</summary>
    public static string? Directory { get; } =
        Environment.GetEnvironmentVariable("KUBEBUILDER_ASSETS") is { Length: > 0 } assets && File.Exists(Path.Combine(assets, "kube-apiserver")) ? assets : null;

    public static async Task<AssetsServer> StartAsync(string assets)
    {
        var server = new AssetsServer(System.IO.Directory.CreateTempSubdirectory("mesh-assets-"));
        try
        {
            await server.RunAsync(assets);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes.AsEnumerable().Reverse())
        {
            if (!process.HasExited) process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        _state.Delete(recursive: true);
    }

    private async Task RunAsync(string assets)
    {
        var (etcd, peer, port) = (FreePort.Find(), FreePort.Find(), FreePort.Find());
        var token = RandomNumberGenerator.GetHexString(32, lowercase: true);
        await File.WriteAllTextAsync(In("tokens.csv"), $"{token},admin,admin,\"system:masters\"\n");
        using (var key = RSA.Create(2048)) await File.WriteAllTextAsync(In("service-account.key"), key.ExportPkcs8PrivateKeyPem());
        Start(Path.Combine(assets, "etcd"),
            "--data-dir", In("etcd"), "--unsafe-no-fsync",
            "--listen-client-urls", $"http://127.0.0.1:{etcd}", "--advertise-client-urls", $"http://127.0.0.1:{etcd}",
            "--listen-peer-urls", $"http://127.0.0.1:{peer}", "--initial-advertise-peer-urls", $"http://127.0.0.1:{peer}", "--initial-cluster", $"default=http://127.0.0.1:{peer}");
        Start(Path.Combine(assets, "kube-apiserver"),
            "--etcd-servers", $"http://127.0.0.1:{etcd}", "--bind-address", "127.0.0.1", "--secure-port", port.ToString(), "--cert-dir", In("certs"),
            "--token-auth-file", In("tokens.csv"), "--authorization-mode", "RBAC", "--service-cluster-ip-range", "10.0.0.0/24",
            "--service-account-issuer", "https://mesh.test", "--service-account-key-file", In("service-account.key"), "--service-account-signing-key-file", In("service-account.key"),
            "--disable-admission-plugins", "ServiceAccount", "--allow-privileged=true");
        await File.WriteAllTextAsync(Kubeconfig, $$"""
            apiVersion: v1
            kind: Config
            current-context: test
            contexts: [{name: test, context: {cluster: test, user: admin} }]
            clusters: [{name: test, cluster: {server: "https://127.0.0.1:{{port}}", insecure-skip-tls-verify: true} }]
            users: [{name: admin, user: {token: "{{token}}"} }]

            """);
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator };
        using var http = new HttpClient(handler);
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        await Eventually.Passes(
            async () =>
            {
                Assert.All(_processes, p => Assert.False(p.HasExited, $"{p.StartInfo.FileName} ended"));
                (await http.GetAsync(new Uri($"https://127.0.0.1:{port}/readyz"))).EnsureSuccessStatusCode();
            },
            "the API server is ready", TimeSpan.FromSeconds(60));
    }

    private string In(string name) => Path.Combine(_state.FullName, name);

    private void Start(string program, params string[] arguments)
    {
        var process = Command.Start(program, arguments);
        // Drained, or the program would stop when the pipe is full.
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _processes.Add(process);
    }
}
