using System.Text;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Admission;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Storage;

namespace Mesh.Local.ApiServer.Streaming;

/// <summary>
/// exec and attach. Where Kubernetes leaves a command running whose client has gone (it may live on for ever, with nobody
/// to stop it), the node is told to end it.
/// </summary>
internal sealed class CommandStreaming(ReadHandler reads, AdmissionChain admission, PodStreams? nodes, TimeProvider time, CancellationToken stopping)
{
    public async Task AnswerAsync(ApiRequest request)
    {
        var options = await ConnectOptions.AdmitAsync(request, admission);
        var pod = reads.Find(request);
        var wanted = Wanted(options, pod);
        var streams = PodContainers.On(pod, request, nodes);
        var offer = StreamOffer.Of(request.Context);
        if (!wanted.Input && !wanted.Output && !wanted.Error)
            throw StatusException.BadRequest("you must specify at least 1 of stdin, stdout, stderr");
        if (request.Subresource == "exec" && wanted.Command.IsEmpty)
            throw StatusException.BadRequest("you must specify at least 1 command for the container");
        if (!streams.IsRunning(wanted))
        {
            // The node's own words, as text: clients put "unable to upgrade connection" before it.
            await Answers.WriteTextAsync(request.Context, 500, $"container not found (\"{wanted.Container}\")");
            return;
        }

        try
        {
            await using var client = await CommandClient.AcceptAsync(offer, wanted, time);
            await CarryAsync(streams, wanted, client);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client left or broke its connection, or the server stops: there is nobody to tell.
        }
    }

    private async Task CarryAsync(PodStreams streams, ContainerSessionRequest wanted, CommandClient client)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(client.Gone, stopping);
        CommandOutcome outcome;
        try
        {
            await using var session = await streams.Open(wanted, end.Token);
            outcome = await CarryAsync(session, wanted, client, end.Token);
        }
        catch (IOException e) when (!end.IsCancellationRequested)
        {
            outcome = CommandOutcome.Refused($"error {(wanted.Command.IsEmpty ? "attaching to container" : "executing command in container")}: {e.Message}");
        }

        if (client.TellsStatus)
            await client.Status.SendAsync(outcome.Status.ToBytes(), end.Token);
        else if (outcome.IsFailure)
            await client.Status.SendAsync(Encoding.UTF8.GetBytes(outcome.Text), end.Token);
        await client.Status.EndAsync(end.Token);
    }

    private static async Task<CommandOutcome> CarryAsync(ContainerSession session, ContainerSessionRequest wanted, CommandClient client, CancellationToken end)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(end);
        var input = Copying.FromClientAsync(client.Input, session.Input, over.Token);
        var sizes = Copying.ResizesAsync(client.Resize, session.Resize, over.Token);
        try
        {
            await Task.WhenAll(
                Copying.ToClientAsync(session.Output, client.Output, end),
                Copying.ToClientAsync(session.Error, client.Error, end));
            return CommandOutcome.Ended(await session.Exited.WaitAsync(end), wanted.Command);
        }
        finally
        {
            await over.CancelAsync();
            await Task.WhenAll(input, sizes);
        }
    }

    private static ContainerSessionRequest Wanted(JsonObject options, StoredObject pod)
    {
        var terminal = options.Flag("tty");
        return new ContainerSessionRequest
        {
            Namespace = pod.Namespace,
            Pod = pod.Name,
            PodUid = pod.Uid,
            Container = PodContainers.Choose(pod, options.Text("container")),
            Command = [.. options.List("command")?.Select(word => word!.GetValue<string>()) ?? []],
            Input = options.Flag("stdin"),
            Output = options.Flag("stdout"),
            Error = options.Flag("stderr") && !terminal,
            Terminal = terminal,
        };
    }
}
