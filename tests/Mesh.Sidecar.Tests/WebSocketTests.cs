using System.Net.WebSockets;
using System.Text;
using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Sidecar.Tests;

public sealed class WebSocketTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_upgraded_connection_carries_messages_both_ways_and_closes_politely()
    {
        await using var app = await AppAsync();
        await using var sidecar = await TestSidecar.StartAsync(Config(app.Port));
        using var socket = new ClientWebSocket();
        using var invoker = new HttpMessageInvoker(Handler(sidecar));
        await socket.ConnectAsync(new Uri("ws://chat:9080/room"), invoker, Cancel);

        Assert.Equal("/room: one", await SayAsync(socket, "one"));
        Assert.Equal("/room: two", await SayAsync(socket, "two"));
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", Cancel);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
    }

    [Fact]
    public async Task The_timeout_of_the_route_does_not_end_an_upgraded_connection()
    {
        await using var app = await AppAsync();
        await using var sidecar = await TestSidecar.StartAsync(Config(app.Port).WithRoute("chat", route => route with { Timeout = TimeSpan.FromMilliseconds(300) }));
        using var socket = new ClientWebSocket();
        using var invoker = new HttpMessageInvoker(Handler(sidecar));
        await socket.ConnectAsync(new Uri("ws://chat:9080/room"), invoker, Cancel);
        await Task.Delay(600, Cancel);

        Assert.Equal("/room: still", await SayAsync(socket, "still"));
    }

    private static async Task<TestApp> AppAsync() => await TestApp.StartAsync(_ => { }, app =>
    {
        app.UseWebSockets();
        app.Run(async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var buffer = new byte[1024];
            while (true)
            {
                var message = await socket.ReceiveAsync(buffer, context.RequestAborted);
                if (message.MessageType == WebSocketMessageType.Close)
                {
                    await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
                    return;
                }

                var text = $"{context.Request.Path}: {Encoding.UTF8.GetString(buffer, 0, message.Count)}";
                await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, context.RequestAborted);
            }
        });
    }, HttpProtocols.Http1);

    private static SidecarConfig Config(int port) => new SidecarConfig().WithService("chat", 9080, AppProtocol.Http, port);

    private static SocketsHttpHandler Handler(TestSidecar sidecar) => new()
    {
        UseProxy = false,
        ConnectCallback = async (_, cancellation) => (await sidecar.ConnectOutboundAsync()).GetStream(),
    };

    private static async Task<string> SayAsync(ClientWebSocket socket, string text)
    {
        await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, Cancel);
        var buffer = new byte[1024];
        var message = await socket.ReceiveAsync(buffer, Cancel);
        return Encoding.UTF8.GetString(buffer, 0, message.Count);
    }
}
