using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Mesh.Sidecar.Connections;

/// <summary>
/// Kestrel's transport as far as the captured ports are concerned: virtual endpoints fed with sockets that were accepted and
/// looked at elsewhere. Kestrel gets the very socket, so a request pays nothing for the detour.
/// </summary>
public sealed class Lanes(ILoggerFactory loggers) : IConnectionListenerFactory, IConnectionListenerFactorySelector, IDisposable
{
    private readonly SocketConnectionContextFactory contexts = new(new SocketConnectionFactoryOptions(), loggers.CreateLogger("Mesh.Sidecar.Lane"));
    private readonly Lane http1 = new(LaneEndPoint.Http1);
    private readonly Lane http2 = new(LaneEndPoint.Http2);

    public bool CanBind(EndPoint endpoint) => endpoint is LaneEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new(endpoint == LaneEndPoint.Http1 ? http1 : http2);

    /// <summary>Gives a socket to Kestrel, which owns and closes it from here on.</summary>
    public void HandOver(Socket socket, CapturedConnection captured, bool isHttp2) => HandOver(contexts.Create(socket), captured, isHttp2);

    /// <summary>The same for a connection in mutual TLS, after its handshake.</summary>
    /// <param name="first">What was read of it already.</param>
    public void HandOver(SslStream stream, Socket socket, ReadOnlySpan<byte> first, CapturedConnection captured, bool isHttp2) =>
        HandOver(new TlsLaneConnection(stream, socket, first), captured, isHttp2);

    private void HandOver(ConnectionContext context, CapturedConnection captured, bool isHttp2)
    {
        context.Features.Set(captured);
        if ((isHttp2 ? http2 : http1).TryAdd(context)) return;
        context.Abort(new ConnectionAbortedException("The sidecar has stopped."));
        _ = context.DisposeAsync().AsTask();
    }

    public void Dispose() => contexts.Dispose();

    private sealed class Lane(LaneEndPoint endPoint) : IConnectionListener
    {
        private readonly Channel<ConnectionContext> waiting = Channel.CreateUnbounded<ConnectionContext>();

        public EndPoint EndPoint => endPoint;

        public bool TryAdd(ConnectionContext context) => waiting.Writer.TryWrite(context);

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (await waiting.Reader.WaitToReadAsync(cancellationToken))
            {
                if (waiting.Reader.TryRead(out var context)) return context;
            }

            return null;
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            waiting.Writer.TryComplete();
            return default;
        }

        public ValueTask DisposeAsync()
        {
            waiting.Writer.TryComplete();
            return default;
        }
    }
}
