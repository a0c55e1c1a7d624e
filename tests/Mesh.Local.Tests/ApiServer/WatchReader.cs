using System.Text.Json.Nodes;

namespace Mesh.Local.Tests.ApiServer;

/// <summary>An open watch, read line by line.</summary>
internal sealed class WatchReader : IDisposable
{
    private readonly HttpResponseMessage response;
    private readonly StreamReader reader;
    private Task<string?>? pending;

    private WatchReader(HttpResponseMessage response, Stream stream)
    {
        this.response = response;
        reader = new StreamReader(stream);
    }

    public int Status => (int)response.StatusCode;

    public static async Task<WatchReader> OpenAsync(ApiServerFixture server, string target, string accept = "application/json")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Url, target));
        request.Headers.TryAddWithoutValidation("Accept", accept);
        var response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return new WatchReader(response, await response.Content.ReadAsStreamAsync());
    }

    /// <summary>The next event; null when none comes in time or the stream ended.</summary>
    public async Task<JsonNode?> NextAsync(TimeSpan patience)
    {
        pending ??= reader.ReadLineAsync();
        if (await Task.WhenAny(pending, Task.Delay(patience)) != pending)
            return null;
        var line = await pending;
        pending = null;
        return string.IsNullOrEmpty(line) ? null : JsonNode.Parse(line);
    }

    public void Dispose()
    {
        response.Dispose();
        // A read that is still waiting ends with the response; nobody looks at how.
        pending?.ContinueWith(static task => task.Exception, TaskScheduler.Default);
    }
}
