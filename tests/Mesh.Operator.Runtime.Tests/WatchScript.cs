using Microsoft.AspNetCore.Http;

namespace Mesh.Operator.Runtime.Tests;

/// <summary>One watch, as a test plays it.</summary>
internal sealed class WatchScript(HttpContext context)
{
    public HttpContext Context { get; } = context;

    public Task SendAsync(string type, string item) => RawAsync($$"""{"type":"{{type}}","object":{{item}}}""" + "\n");

    public Task BookmarkAsync(int version) =>
        SendAsync("BOOKMARK", $$"""{"kind":"Thing","apiVersion":"mesh.test/v1","metadata":{"resourceVersion":"{{version}}"} }""");

    public async Task RawAsync(string text)
    {
        await Context.Response.WriteAsync(text);
        await Context.Response.Body.FlushAsync();
    }

    /// <summary>Cuts the TCP connection.</summary>
    public void Cut() => Context.Abort();

    /// <summary>Keeps the stream open until the client leaves.</summary>
    public async Task HoldAsync()
    {
        await Context.Response.Body.FlushAsync();
        var left = new TaskCompletionSource();
        await using var registration = Context.RequestAborted.Register(left.SetResult);
        await left.Task;
    }
}
