using System.Collections.Immutable;
using Mesh.Local.ApiServer.Streaming.Channels;
using Mesh.Local.ApiServer.Streaming.Spdy;

namespace Mesh.Local.ApiServer.Streaming;

/// <summary>The client's end of exec and attach, whatever it is carried by: its streams, and how the end is told.</summary>
internal sealed class CommandClient(IAsyncDisposable connection, CancellationToken gone) : IAsyncDisposable
{
    private static readonly TimeSpan OpeningTime = TimeSpan.FromSeconds(30);
    private const byte InputChannel = 0, OutputChannel = 1, ErrorChannel = 2, StatusChannel = 3, ResizeChannel = 4;

    /// <summary>Version 4 tells the end as a Status; 3 knows terminals' sizes; what came before knows neither.</summary>
    private static readonly ImmutableArray<string> SpdyProtocols = ["v4.channel.k8s.io", "v3.channel.k8s.io", "v2.channel.k8s.io", "channel.k8s.io", ""];

    private static readonly ImmutableArray<string> SocketProtocols =
        ["v5.channel.k8s.io", "v4.channel.k8s.io", "v4.base64.channel.k8s.io", "channel.k8s.io", "base64.channel.k8s.io", ""];

    public RemoteStream? Input { get; private init; }

    public RemoteStream? Output { get; private init; }

    public RemoteStream? Error { get; private init; }

    public RemoteStream? Resize { get; private init; }

    public required RemoteStream Status { get; init; }

    /// <summary>The end is told as a Status object; otherwise only a failure is told, as text.</summary>
    public required bool TellsStatus { get; init; }

    public CancellationToken Gone => gone;

    /// <summary>Upgrades the connection and waits for the streams asked for.</summary>
    /// <exception cref="Http.StatusException">No protocol in common.</exception>
    /// <exception cref="IOException">The client did not open its streams.</exception>
    public static async Task<CommandClient> AcceptAsync(StreamOffer offer, ContainerSessionRequest wanted, TimeProvider time)
    {
        var spoken = offer.IsWebSocket ? SocketProtocols : SpdyProtocols;
        var protocol = offer.Agree(spoken) ?? throw offer.Refusal(spoken);
        if (offer.IsWebSocket)
            return await AcceptChannelsAsync(new ChannelSocket(await offer.AcceptWebSocketAsync(protocol), protocol), protocol, wanted);
        var connection = new SpdyConnection(await offer.AcceptSpdyAsync(protocol));
        try
        {
            connection.Start();
            return await AcceptStreamsAsync(connection, protocol, wanted, time);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    private static async Task<CommandClient> AcceptChannelsAsync(ChannelSocket socket, string protocol, ContainerSessionRequest wanted)
    {
        var client = new CommandClient(socket, socket.Gone)
        {
            Input = wanted.Input ? socket.Open(InputChannel) : null,
            Output = wanted.Output ? socket.OpenForSending(OutputChannel) : null,
            Error = wanted.Error ? socket.OpenForSending(ErrorChannel) : null,
            Status = socket.OpenForSending(StatusChannel),
            Resize = wanted.Terminal ? socket.Open(ResizeChannel) : null,
            TellsStatus = protocol.StartsWith('v'),
        };
        socket.Start();
        // An empty message tells the client that the other end is there.
        await (client.Output ?? client.Error ?? client.Status).SendAsync(default, socket.Gone);
        return client;
    }

    private static async Task<CommandClient> AcceptStreamsAsync(SpdyConnection connection, string protocol, ContainerSessionRequest wanted, TimeProvider time)
    {
        var tellsSize = protocol is "v4.channel.k8s.io" or "v3.channel.k8s.io";
        var expected = new List<string> { "error" };
        if (wanted.Input) expected.Add("stdin");
        if (wanted.Output) expected.Add("stdout");
        if (wanted.Error) expected.Add("stderr");
        if (wanted.Terminal && tellsSize) expected.Add("resize");
        var streams = new Dictionary<string, RemoteStream>();
        using var limit = new CancellationTokenSource(OpeningTime, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, connection.Gone);
        try
        {
            while (!expected.All(streams.ContainsKey))
            {
                var stream = await connection.Opened.ReadAsync(either.Token);
                if (!expected.Contains(stream.Header("streamtype")) || !streams.TryAdd(stream.Header("streamtype"), stream))
                    await stream.ResetAsync(SpdyStream.ProtocolError, either.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or System.Threading.Channels.ChannelClosedException)
        {
            throw new IOException("timed out waiting for client to create streams", e);
        }

        return new CommandClient(connection, connection.Gone)
        {
            Input = streams.GetValueOrDefault("stdin"),
            Output = streams.GetValueOrDefault("stdout"),
            Error = streams.GetValueOrDefault("stderr"),
            Resize = streams.GetValueOrDefault("resize"),
            Status = streams["error"],
            TellsStatus = protocol == "v4.channel.k8s.io",
        };
    }
}
