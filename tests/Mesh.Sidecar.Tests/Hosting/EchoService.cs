using Grpc.Core;

namespace Mesh.Sidecar.Tests.Hosting;

/// <summary>Answers as the text asks: "fail", "wait", "big", else the same with its authority.</summary>
internal sealed class EchoService(EchoLog log) : Echo.EchoBase
{
    public override async Task<Text> One(Text request, ServerCallContext context)
    {
        var call = log.Count();
        context.ResponseTrailers.Add("x-trailer", "at the end");
        switch (request.Value)
        {
            case "fail":
                throw new RpcException(new Status(StatusCode.FailedPrecondition, "as asked"));
            case "unavailable once" when call == 1:
                throw new RpcException(new Status(StatusCode.Unavailable, "not yet"));
            case "wait":
                await Task.Delay(Timeout.Infinite, context.CancellationToken);
                break;
        }

        return new Text { Value = $"{request.Value} for {context.Host}" };
    }

    public override async Task Down(Text request, IServerStreamWriter<Text> responseStream, ServerCallContext context)
    {
        await context.WriteResponseHeadersAsync(new Metadata { { "x-early", "yes" } });
        await log.Go.Task;
        for (var i = 0; i < 3; i++) await responseStream.WriteAsync(new Text { Value = $"{request.Value}{i}" });
    }

    public override async Task Both(IAsyncStreamReader<Text> requestStream, IServerStreamWriter<Text> responseStream, ServerCallContext context)
    {
        await foreach (var text in requestStream.ReadAllAsync()) await responseStream.WriteAsync(new Text { Value = $"re: {text.Value}" });
    }
}
