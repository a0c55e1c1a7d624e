using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using k8s;
using k8s.Models;
using Mesh.Api;
using Mesh.Config;
using Mesh.Local.ApiServer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mesh.Cli.Tests.Clusters;

/// <summary>An API server that no mesh of this machine belongs to, with pods whose ports 15020 and 15000 answer as a sidecar's do.</summary>
public sealed class ProxiedCluster : IAsyncLifetime
{
    public const string Hash = "abc";

    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("mesh-cli-");
    private readonly TcpListener _silent = new(IPAddress.Loopback, 0);
    private EmbeddedApiServer _server = null!;
    private WebApplication _sidecar = null!;
    private Kubernetes _kubernetes = null!;

    public string Kubeconfig => Path.Combine(_state.FullName, "kubeconfig");

    public async ValueTask InitializeAsync()
    {
        _silent.Start();
        _sidecar = await SidecarAsync();
        _server = await EmbeddedApiServer.StartAsync(
            new ApiServerOptions
            {
                Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
                StateDirectory = Path.Combine(_state.FullName, "api"),
                Pods = new PodStreams
                {
                    Logs = (_, _) => ValueTask.FromResult<Stream?>(null),
                    IsRunning = _ => false,
                    Open = (_, _) => throw new IOException("no processes here"),
                    Dial = DialAsync,
                },
            },
            CancellationToken.None);
        _kubernetes = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(KubeconfigOf(ApiUser.Admin, Kubeconfig, "shop")));
        foreach (var space in new[] { "shop", "bank" }) await _kubernetes.CoreV1.CreateNamespaceAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = space } });
        await PodAsync("shop", "web-1", "web", "10.9.0.1");
        await PodAsync("shop", "web-2", "web", "10.9.0.2");
        await PodAsync("bank", "gone-1", "gone", "10.9.0.3");
        await PodAsync("bank", "mute-1", "mute", "10.9.0.4");
        await PodAsync("bank", "plain-1", "plain", "10.9.0.5", isMeshed: false);
        await _kubernetes.AppsV1.CreateNamespacedDeploymentAsync(
            new V1Deployment
            {
                Metadata = new V1ObjectMeta { Name = "web" },
                Spec = new V1DeploymentSpec
                {
                    Selector = new V1LabelSelector { MatchLabels = new Dictionary<string, string> { ["app"] = "web" } },
                    Template = new V1PodTemplateSpec { Metadata = new V1ObjectMeta { Labels = new Dictionary<string, string> { ["app"] = "web" } }, Spec = Spec() },
                },
            },
            "shop");
    }

    /// <summary>A kubeconfig of a user who has these rights and no others.</summary>
    public async Task<string> KubeconfigOfAsync(string user, params V1PolicyRule[] rules)
    {
        await _kubernetes.RbacAuthorizationV1.CreateClusterRoleAsync(new V1ClusterRole { Metadata = new V1ObjectMeta { Name = user }, Rules = rules });
        await _kubernetes.RbacAuthorizationV1.CreateClusterRoleBindingAsync(new V1ClusterRoleBinding
        {
            Metadata = new V1ObjectMeta { Name = user },
            RoleRef = new V1RoleRef { ApiGroup = "rbac.authorization.k8s.io", Kind = "ClusterRole", Name = user },
            Subjects = [new Rbacv1Subject { ApiGroup = "rbac.authorization.k8s.io", Kind = "User", Name = user }],
        });
        return KubeconfigOf(new ApiUser(user, ["system:authenticated"]), Path.Combine(_state.FullName, user), "default");
    }

    public async ValueTask DisposeAsync()
    {
        _kubernetes.Dispose();
        await _server.DisposeAsync();
        await _sidecar.DisposeAsync();
        _silent.Dispose();
        _state.Delete(recursive: true);
    }

    private string KubeconfigOf(ApiUser user, string path, string space)
    {
        _server.WriteKubeconfig(path, new Uri($"https://127.0.0.1:{_server.EndPoints[0].Port}"), user, ns: space);
        return path;
    }

    private async Task<Socket> DialAsync(PodPort port, CancellationToken cancellation)
    {
        if (port.Pod == "gone-1") throw new IOException("connection refused");
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(port.Pod == "mute-1" ? _silent.LocalEndpoint : new IPEndPoint(IPAddress.Loopback, new Uri(_sidecar.Urls.First()).Port), cancellation);
        return socket;
    }

    private static async Task<WebApplication> SidecarAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var sidecar = builder.Build();
        var report = new ProxyReport
        {
            Sequence = 1, Instance = "i", Revision = 7, Hash = Hash,
            ClearTextClients = [new ClearTextClient("10.9.0.5", 8080, 3, TimeProvider.System.GetUtcNow())],
        };
        sidecar.Run(context => context.Request.Path.Value switch
        {
            "/report" => context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(report, ProxyConfigJson.Default.ProxyReport)).AsTask(),
            // Longer than one frame of any layer between.
            "/config" => context.Response.WriteAsync($$"""{"manifest":{"port":{{context.Request.Host.Port}}},"long":"{{new string('x', 200_000)}}"}"""),
            _ => Task.FromResult(context.Response.StatusCode = 404),
        });
        await sidecar.StartAsync();
        return sidecar;
    }

    private async Task PodAsync(string space, string name, string app, string address, bool isMeshed = true)
    {
        var annotations = isMeshed ? new Dictionary<string, string> { [MeshLabels.Config] = "mesh-" + name } : null;
        var labels = new Dictionary<string, string> { ["app"] = app };
        var pod = await _kubernetes.CoreV1.CreateNamespacedPodAsync(new V1Pod { Metadata = new V1ObjectMeta { Name = name, Labels = labels, Annotations = annotations }, Spec = Spec() }, space);
        pod.Status = new V1PodStatus { Phase = "Running", PodIP = address, PodIPs = [new V1PodIP { Ip = address }] };
        await _kubernetes.CoreV1.ReplaceNamespacedPodStatusAsync(pod, name, space);
        if (!isMeshed) return;
        var marks = new Dictionary<string, string> { [MeshLabels.RecordRevision] = "7", [MeshLabels.Hash] = Hash };
        await _kubernetes.CoreV1.CreateNamespacedConfigMapAsync(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "mesh-" + name, Annotations = marks } }, space);
    }

    private static V1PodSpec Spec() => new() { NodeName = "node-1", Containers = [new V1Container { Name = "app", Image = "app" }] };
}
