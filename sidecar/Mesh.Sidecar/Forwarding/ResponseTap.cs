using System.Net;
using Mesh.Sidecar.Http;

namespace Mesh.Sidecar.Forwarding;

/// <summary>
/// A response's body on its way to the client: counts its bytes, and sends the headers ahead when the body keeps the client
/// waiting (server-sent events, watches, gRPC streams), as nothing else would before its first byte.
/// </summary>
internal sealed class ResponseTap(HttpContent inner, ServerCall call) : HttpContent
{
    protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) =>
        new TapStream(await inner.ReadAsStreamAsync(cancellationToken), call);

    protected override Task<Stream> CreateContentReadStreamAsync() => CreateContentReadStreamAsync(CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => inner.CopyToAsync(stream, context);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }

    private sealed class TapStream(Stream inner, ServerCall call) : BodyStream
    {
        private bool read;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var pending = inner.ReadAsync(buffer, cancellationToken);
            if (!read)
            {
                read = true;
                if (!pending.IsCompleted && !call.HasStarted) return HeadersFirstAsync(pending, cancellationToken);
            }

            if (!pending.IsCompletedSuccessfully) return CountAsync(pending);
            var count = pending.Result;
            call.BytesSent += count;
            return new(count);
        }

        private async ValueTask<int> HeadersFirstAsync(ValueTask<int> pending, CancellationToken cancellation)
        {
            var reading = pending.AsTask();
            try
            {
                await call.Context.Response.Body.FlushAsync(cancellation);
            }
            catch (OperationCanceledException)
            {
                // The read is cancelled by the same token and tells.
            }

            var count = await reading;
            call.BytesSent += count;
            return count;
        }

        private async ValueTask<int> CountAsync(ValueTask<int> pending)
        {
            var count = await pending;
            call.BytesSent += count;
            return count;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
