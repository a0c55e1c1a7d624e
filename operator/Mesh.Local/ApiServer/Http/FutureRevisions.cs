using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Storage;

namespace Mesh.Local.ApiServer.Http;

/// <summary>
/// A client that asks for a revision this server has not come to yet (it learned it elsewhere, or before a restart that lost
/// some) is given a moment for it to come, and then told that it is too large.
/// </summary>
internal sealed class FutureRevisions(ObjectStore store, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public async Task AwaitAsync(long asked, CancellationToken cancellation)
    {
        var since = time.GetTimestamp();
        while (asked > store.Revision)
        {
            if (time.GetElapsedTime(since) >= Patience)
                throw TooLarge(asked);
            await Task.Delay(Pause, time, cancellation);
        }
    }

    private StatusException TooLarge(long asked) => new(
        504, "Timeout", $"Timeout: Too large resource version: {asked}, current: {store.Revision}",
        new JsonObject
        {
            ["causes"] = new JsonArray(new JsonObject { ["reason"] = "ResourceVersionTooLarge", ["message"] = "Too large resource version" }),
            ["retryAfterSeconds"] = 1,
        },
        retryAfter: 1);
}
