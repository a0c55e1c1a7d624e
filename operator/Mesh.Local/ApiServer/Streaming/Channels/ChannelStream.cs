namespace Mesh.Local.ApiServer.Streaming.Channels;

/// <summary>One numbered channel of a WebSocket. Our half has no end of its own: the Status or the closing tells it.</summary>
internal sealed class ChannelStream(ChannelSocket socket, byte number) : RemoteStream
{
    public override ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation) => socket.SendAsync(number, bytes, cancellation);

    public override ValueTask EndAsync(CancellationToken cancellation) => ValueTask.CompletedTask;
}
