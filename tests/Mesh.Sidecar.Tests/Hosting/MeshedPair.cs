using System.Net;
using Mesh.Config;
using Mesh.Testing;

namespace Mesh.Sidecar.Tests.Hosting;

/// <summary>
/// A client's and a server's sidecar in this process, in mutual TLS of one root. The client knows the service <c>server</c>,
/// port 9080, whose one member is the server's sidecar; behind that is the application.
/// </summary>
internal sealed class MeshedPair : IAsyncDisposable
{
    public const int Port = 9080;
    public const string Service = "server";

    private MeshedPair(TestAuthority authority, TestSidecar client, TestSidecar server) => (Authority, Client, Server) = (authority, client, server);

    public TestAuthority Authority { get; }

    public TestSidecar Client { get; }

    public TestSidecar Server { get; }

    /// <param name="application">Port of the application.</param>
    /// <param name="protocol">As both sides are told.</param>
    /// <param name="mode">What the server takes.</param>
    /// <param name="via">A port in between instead of the server's own.</param>
    /// <param name="mutualTls">Whether the client is told that the member takes mutual TLS.</param>
    /// <param name="retry">Of the client's route.</param>
    public static async Task<MeshedPair> StartAsync(
        int application, AppProtocol protocol = AppProtocol.Http, MutualTlsMode mode = MutualTlsMode.Strict, Func<int, int>? via = null, bool mutualTls = true, TimeProvider? time = null, RetryPolicy? retry = null)
    {
        var authority = new TestAuthority();
        var server = await TestSidecar.StartAsync(ServerConfig(application, protocol, mode), time, logged: true);
        server.Destination = new IPEndPoint(IPAddress.Loopback, application);
        server.Sidecar.Identity.Put(authority, "server");
        var member = via?.Invoke(server.Sidecar.InboundPort) ?? server.Sidecar.InboundPort;
        var client = await TestSidecar.StartAsync(ClientConfig(protocol, mutualTls, member).WithRoute(Service, route => route with { Retry = retry }), time, logged: true);
        client.Destination = new IPEndPoint(IPAddress.Parse("10.96.0.1"), Port);
        client.Sidecar.Identity.Put(authority, "client");
        return new MeshedPair(authority, client, server);
    }

    public static SidecarConfig ServerConfig(int application, AppProtocol protocol, MutualTlsMode mode) =>
        new SidecarConfig().WithInbound(application, protocol).WithMutualTls(mode);

    public static SidecarConfig ClientConfig(AppProtocol protocol, bool mutualTls, params int[] members) =>
        new SidecarConfig().WithService(Service, Port, protocol, members).WithMutualTls(Service, "server", mutualTls);

    public HttpClient HttpClient(Version? version = null)
    {
        var client = Client.Client(version);
        client.BaseAddress = new Uri($"http://{Service}:{Port}");
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Server.DisposeAsync();
        Authority.Dispose();
    }
}
