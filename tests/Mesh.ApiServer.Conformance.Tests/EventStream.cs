using System.Text.Json.Nodes;
using Mesh.Testing;

namespace Mesh.ApiServer.Conformance.Tests;

/// <summary>An open watch, read event by event.</summary>
public sealed class EventStream : IDisposable
{
    private readonly HttpResponseMessage response;
    private readonly StreamReader reader;

    private EventStream(HttpResponseMessage response, Stream stream)
    {
        this.response = response;
        reader = new StreamReader(stream);
    }

    public int Status => (int)response.StatusCode;

    public static async Task<EventStream> OpenAsync(HttpResponseMessage response) => new(response, await response.Content.ReadAsStreamAsync());

    /// <summary>The next event; null when the server has ended the stream. Fails the test when neither comes.</summary>
    public async Task<JsonNode?> NextAsync()
    {
        using var patience = new CancellationTokenSource(Eventually.Patience);
        var line = await reader.ReadLineAsync(patience.Token);
        return string.IsNullOrEmpty(line) ? null : JsonNode.Parse(line);
    }

    /// <summary>The next event that is no bookmark, as <c>TYPE name</c>.</summary>
    public async Task<string> NextNameAsync()
    {
        while (true)
        {
            var happened = await NextAsync() ?? throw new EndOfStreamException("the watch ended");
            if (happened["type"]!.ToString() != "BOOKMARK") return $"{happened["type"]} {happened["object"]!["metadata"]!["name"]}";
        }
    }

    public void Dispose()
    {
        reader.Dispose();
        response.Dispose();
    }
}
