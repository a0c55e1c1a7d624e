using System.IO.Pipelines;

namespace Mesh.Local.ApiServer.Streaming;

/// <summary>
/// Streaming carries processes' streams and pods' connections over one upgraded HTTP connection. What enters is a request
/// for exec, attach or port-forward; what leaves are frames of SPDY or messages of a WebSocket, and at the end a Status.
/// Three layers, each knowing only the next: a request (CommandStreaming, PortForwarding), what a client opened for it
/// (CommandClient, PortPair), and this: one stream among several. No process is started here; that is the node's (PodStreams).
/// </summary>
internal abstract class RemoteStream
{
    /// <summary>What one stream may hold unread: then the connection is not read on, which is all the flow control there is.</summary>
    private const int MostUnread = 1 << 20;

    private readonly Pipe incoming = new(new PipeOptions(pauseWriterThreshold: MostUnread, resumeWriterThreshold: MostUnread / 2, useSynchronizationContext: false));

    /// <summary>What the client sends; ends when it has said so, fails when it broke the stream off. Completed, the rest is dropped.</summary>
    public PipeReader Incoming => incoming.Reader;

    public abstract ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation);

    /// <summary>Nothing more will be sent.</summary>
    public abstract ValueTask EndAsync(CancellationToken cancellation);

    /// <summary>Called by the connection's reader only.</summary>
    public async ValueTask ReceiveAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        if (bytes.Length > 0)
            await incoming.Writer.WriteAsync(bytes, cancellation);
    }

    public void EndReceive(Exception? broken = null) => incoming.Writer.Complete(broken);
}
