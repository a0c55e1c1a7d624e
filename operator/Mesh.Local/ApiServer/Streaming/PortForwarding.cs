using System.Collections.Immutable;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Admission;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Storage;
using Mesh.Local.ApiServer.Streaming.Channels;
using Mesh.Local.ApiServer.Streaming.Spdy;

namespace Mesh.Local.ApiServer.Streaming;

/// <summary>
/// port-forward, in the three forms clients have for it: SPDY, SPDY tunnelled in a WebSocket (both: any number of
/// connections, each a pair of streams), and channels of a WebSocket (one connection for each port asked for).
/// </summary>
internal sealed class PortForwarding(ReadHandler reads, AdmissionChain admission, PodStreams? nodes, CancellationToken stopping)
{
    private const string Spdy = "portforward.k8s.io";
    private const string Tunnel = "SPDY/3.1+portforward.k8s.io";

    private static readonly ImmutableArray<string> SpdyProtocols = [Spdy];
    private static readonly ImmutableArray<string> SocketProtocols = [Tunnel, "v4.channel.k8s.io", "v4.base64.channel.k8s.io", "portforward.k8s.io", ""];

    public async Task AnswerAsync(ApiRequest request)
    {
        var options = await ConnectOptions.AdmitAsync(request, admission);
        var pod = reads.Find(request);
        var streams = PodContainers.On(pod, request, nodes);
        var offer = StreamOffer.Of(request.Context);
        var spoken = offer.IsWebSocket ? SocketProtocols : SpdyProtocols;
        var protocol = offer.Agree(spoken) ?? throw offer.Refusal(spoken);
        var ports = offer.IsWebSocket && protocol != Tunnel ? Ports(options) : [];
        try
        {
            if (!offer.IsWebSocket)
                await CarryAsync(new SpdyConnection(await offer.AcceptSpdyAsync(protocol)), pod, streams);
            else if (protocol == Tunnel)
                await CarryAsync(new SpdyConnection(WebSocketStream.Create(await offer.AcceptWebSocketAsync(protocol), WebSocketMessageType.Binary, TimeSpan.FromSeconds(5))), pod, streams);
            else
                await CarryAsync(new ChannelSocket(await offer.AcceptWebSocketAsync(protocol), protocol), ports, pod, streams);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or WebSocketException)
        {
            // The client left, or the server stops.
        }
    }

    private async Task CarryAsync(SpdyConnection connection, StoredObject pod, PodStreams streams)
    {
        await using var closed = connection;
        connection.Start();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(connection.Gone, stopping);
        var halves = new Dictionary<string, SpdyStream>();
        await foreach (var stream in connection.Opened.ReadAllAsync(end.Token))
        {
            var id = stream.Header("requestid");
            if (stream.Header("streamtype") is not ("error" or "data") || !int.TryParse(stream.Header("port"), out var port) || port is < 1 or > 65535)
                await stream.ResetAsync(SpdyStream.ProtocolError, end.Token);
            else if (!halves.Remove(id, out var other))
                halves[id] = stream;
            else if (other.Header("streamtype") == stream.Header("streamtype"))
                await stream.ResetAsync(SpdyStream.ProtocolError, end.Token);
            else
                _ = stream.Header("streamtype") == "data"
                    ? ForwardedPort.CarryAsync(stream, other, PortOf(pod, port), streams, end.Token)
                    : ForwardedPort.CarryAsync(other, stream, PortOf(pod, port), streams, end.Token);
        }
    }

    /// <summary>Channel 2n carries the data of the n-th port and 2n+1 its error; each begins with the port's number.</summary>
    private async Task CarryAsync(ChannelSocket socket, ImmutableArray<int> ports, StoredObject pod, PodStreams streams)
    {
        await using var closed = socket;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(socket.Gone, stopping);
        var pairs = ports.Select((port, at) => (Port: port, Data: socket.Open((byte)(2 * at)), Error: socket.OpenForSending((byte)((2 * at) + 1)))).ToList();
        socket.Start();
        foreach (var (port, data, error) in pairs)
        {
            byte[] number = [(byte)port, (byte)(port >> 8)];
            await data.SendAsync(number, end.Token);
            await error.SendAsync(number, end.Token);
        }

        await Task.WhenAll(pairs.Select(pair => ForwardedPort.CarryAsync(pair.Data, pair.Error, PortOf(pod, pair.Port), streams, end.Token)));
    }

    private static PodPort PortOf(StoredObject pod, int port) => new(pod.Namespace, pod.Name, pod.Uid, port);

    private static ImmutableArray<int> Ports(JsonObject options) => options.List("ports") is { Count: > 0 and <= 127 } ports
        ? [.. ports.Select(port => port!.GetValue<int>())]
        : throw StatusException.BadRequest("query parameter \"ports\" is required");
}
