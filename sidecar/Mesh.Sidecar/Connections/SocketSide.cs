using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Mesh.Sidecar.Connections;

/// <summary>A connection in clear text, or whose bytes are none of our business.</summary>
public sealed class SocketSide(Socket socket) : SpliceSide
{
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask ReadableAsync(CancellationToken cancellation) => await socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, cancellation);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation) => socket.ReceiveAsync(buffer, SocketFlags.None, cancellation);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        while (bytes.Length > 0) bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, cancellation)..];
    }

    public override ValueTask FinishAsync(CancellationToken cancellation)
    {
        socket.Shutdown(SocketShutdown.Send);
        return default;
    }

    public override void Reset() => Splice.Reset(socket);

    public override void Dispose() => socket.Dispose();
}
