using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Mesh.Local.Tests.ApiServer.Streaming;

/// <summary>A client's end of Kubernetes' channels, as plain as the protocol is.</summary>
internal sealed class ChannelReader(ClientWebSocket socket) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Dictionary<int, List<byte>> heard = [];

    public string? Protocol => socket.SubProtocol;

    public string Text(int channel) => Encoding.UTF8.GetString(Bytes(channel));

    public byte[] Bytes(int channel) => [.. heard.GetValueOrDefault(channel, [])];

    /// <summary>What was told on the status channel.</summary>
    public JsonNode Status => JsonNode.Parse(Text(3))!;

    public Task SendAsync(byte channel, string text) =>
        socket.SendAsync((byte[])[channel, .. Encoding.UTF8.GetBytes(text)], WebSocketMessageType.Binary, true, CancellationToken.None);

    public Task SendBytesAsync(params byte[] message) => socket.SendAsync(message, WebSocketMessageType.Binary, true, CancellationToken.None);

    public Task SendTextAsync(string text) => socket.SendAsync(Encoding.ASCII.GetBytes(text), WebSocketMessageType.Text, true, CancellationToken.None);

    /// <summary>Hears until something holds, or the server closes.</summary>
    public async Task<ChannelReader> UntilAsync(Func<ChannelReader, bool> enough)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!enough(this) && await HearAsync(limit.Token))
        {
        }

        return this;
    }

    public Task<ChannelReader> ToTheEndAsync() => UntilAsync(_ => false);

    /// <summary>Leaves without a word.</summary>
    public void Abort() => socket.Abort();

    public void Dispose() => socket.Dispose();

    private async Task<bool> HearAsync(CancellationToken limit)
    {
        var message = new List<byte>();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(), limit);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, limit);
                return false;
            }

            message.AddRange(buffer.AsSpan(0, part.Count));
            if (!part.EndOfMessage)
                continue;
            var isText = part.MessageType == WebSocketMessageType.Text;
            var number = isText ? message[0] - '0' : message[0];
            var bytes = message.Skip(1).ToArray();
            if (!heard.TryGetValue(number, out var known))
                heard[number] = known = [];
            known.AddRange(isText ? Convert.FromBase64String(Encoding.ASCII.GetString(bytes)) : bytes);
            return true;
        }
    }
}
