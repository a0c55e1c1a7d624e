using System.Net;
using System.Net.Sockets;
using Mesh.Local.Node.Linux;
using Mesh.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.Local.Tests;

/// <summary>The way a browser on this machine takes into a mesh.</summary>
public sealed class PortForwardTests
{
    [Fact]
    public async Task A_connection_that_is_refused_by_reset_ends_for_the_browser_too()
    {
        Needs.Netns();
        var cancellation = TestContext.Current.CancellationToken;
        using var here = Mesh.Local.Node.Linux.NetworkNamespace.Open("/proc/self/ns/net");
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        server.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        server.Listen();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var forward = PortForward.Open(0, new NamespaceSockets(here), (IPEndPoint)server.LocalEndPoint!, NullLogger.Instance);
        var running = forward.RunAsync(stop.Token);

        using var browser = new TcpClient();
        await browser.ConnectAsync(forward.Address, cancellation);
        await browser.GetStream().WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray(), cancellation);
        using (var refused = await server.AcceptAsync(cancellation))
        {
            await refused.ReceiveAsync(new byte[64], cancellation);
            refused.LingerState = new LingerOption(true, 0);
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(20));
        Assert.Equal(0, await ReadAsync(browser.GetStream(), patience.Token));
        await stop.CancelAsync();
        await running;
    }

    private static async Task<int> ReadAsync(NetworkStream stream, CancellationToken cancellation)
    {
        try
        {
            return await stream.ReadAsync(new byte[64], cancellation);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
