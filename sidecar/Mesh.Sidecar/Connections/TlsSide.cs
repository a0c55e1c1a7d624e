using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Mesh.Sidecar.Connections;

/// <summary>
/// A connection in mutual TLS of the mesh. Being done sending is TLS's own close_notify, so that a cut connection is no end:
/// what comes the other way still arrives.
/// </summary>
public sealed class TlsSide(SslStream stream, Socket socket) : SpliceSide
{
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask ReadableAsync(CancellationToken cancellation) => _ = await stream.ReadAsync(Memory<byte>.Empty, cancellation);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation) => stream.ReadAsync(buffer, cancellation);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation) => stream.WriteAsync(bytes, cancellation);

    public override async ValueTask FinishAsync(CancellationToken cancellation) => await stream.ShutdownAsync().WaitAsync(cancellation);

    // The socket goes from under the stream: whoever waits in it is told, and the stream is not touched by two at once.
    public override void Reset() => Splice.Reset(socket);

    public override void Dispose()
    {
        stream.Dispose();
        socket.Dispose();
    }
}
