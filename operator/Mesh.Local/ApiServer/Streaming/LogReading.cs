using System.Globalization;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Storage;

namespace Mesh.Local.ApiServer.Streaming;

/// <summary>`kubectl logs`: the options checked, then the node's text as it comes. It is plain text whatever the client accepts.</summary>
internal sealed class LogReading(ReadHandler reads, PodStreams? nodes, TimeProvider time, CancellationToken stopping)
{
    public async Task AnswerAsync(ApiRequest request)
    {
        Check(request);
        var pod = reads.Find(request);
        var container = PodContainers.Choose(pod, request.Query("container"));
        if (pod.Json.Text("spec", "nodeName") is not { Length: > 0 })
        {
            request.Context.Response.StatusCode = 204;
            return;
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(request.Cancellation, stopping);
        var wanted = Wanted(request, pod, container);
        await using var log = await PodContainers.On(pod, request, nodes).Logs(wanted, end.Token) ?? throw StatusException.BadRequest(wanted.Previous
            ? $"previous terminated container \"{container}\" in pod \"{pod.Name}\" not found"
            : $"container \"{container}\" in pod \"{pod.Name}\" is waiting to start: {Waiting(pod, container)}");
        await CopyAsync(request, log, end.Token);
    }

    private PodLogRequest Wanted(ApiRequest request, StoredObject pod, string container) => new()
    {
        Namespace = pod.Namespace,
        Pod = pod.Name,
        PodUid = pod.Uid,
        Container = container,
        Follow = request.QueryFlag("follow"),
        Previous = request.QueryFlag("previous"),
        Timestamps = request.QueryFlag("timestamps"),
        TailLines = request.QueryNumber("tailLines"),
        LimitBytes = request.QueryNumber("limitBytes"),
        Since = request.QueryNumber("sinceSeconds") is { } seconds ? time.GetUtcNow().AddSeconds(-seconds) : SinceTime(request),
    };

    private static void Check(ApiRequest request)
    {
        var problems = new List<FieldProblem>();
        if (request.QueryNumber("tailLines") is { } tail and < 0)
            problems.Add(FieldProblem.Invalid("tailLines", tail.ToString(CultureInfo.InvariantCulture), "must be greater than or equal to 0"));
        if (request.QueryNumber("limitBytes") is { } bytes and < 1)
            problems.Add(FieldProblem.Invalid("limitBytes", bytes.ToString(CultureInfo.InvariantCulture), "must be greater than 0"));
        if (request.QueryNumber("sinceSeconds") is { } seconds)
        {
            if (SinceTime(request) is not null)
                problems.Add(FieldProblem.Forbidden("", "at most one of `sinceTime` or `sinceSeconds` may be specified"));
            else if (seconds < 1)
                problems.Add(FieldProblem.Invalid("sinceSeconds", seconds.ToString(CultureInfo.InvariantCulture), "must be greater than 0"));
        }

        // Both streams of a container are kept in one file, in the order they were written: so they cannot be told apart later.
        if (request.Query("stream") is { Length: > 0 } and not "All")
            problems.Add(FieldProblem.Forbidden("stream", "may not be specified"));
        if (problems.Count > 0)
            throw StatusException.Invalid(request.Resource with { Kind = "PodLogOptions" }, request.Name, problems);
    }

    private static DateTimeOffset? SinceTime(ApiRequest request)
    {
        if (request.Query("sinceTime") is not { Length: > 0 } text)
            return null;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var since)
            ? since
            : throw StatusException.BadRequest($"parsing time {FieldProblem.Quote(text)} as \"2006-01-02T15:04:05Z07:00\": cannot parse it");
    }

    private static string Waiting(StoredObject pod, string container) => ((string[])["containerStatuses", "initContainerStatuses"])
        .SelectMany(list => pod.Json.Items("status", list))
        .Where(status => status.Text("name") == container)
        .Select(status => status.Text("state", "waiting", "reason"))
        .FirstOrDefault() ?? "ContainerCreating";

    private static async Task CopyAsync(ApiRequest request, Stream log, CancellationToken end)
    {
        request.Context.Response.ContentType = "text/plain";
        await request.Context.Response.StartAsync(end);
        await request.Context.Response.Body.FlushAsync(end);
        var buffer = new byte[16 * 1024];
        try
        {
            int read;
            while ((read = await log.ReadAsync(buffer, end)) > 0)
            {
                await request.Context.Response.Body.WriteAsync(buffer.AsMemory(0, read), end);
                await request.Context.Response.Body.FlushAsync(end);
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The reader left or the server stops; the log simply ends.
        }
    }
}
