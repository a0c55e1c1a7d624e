namespace Mesh.Sidecar.Tests.Hosting;

/// <summary>What carries bytes from a client to a server.</summary>
/// <param name="Client">The sidecar that the client connects through.</param>
/// <param name="Parts">All that makes up the way.</param>
internal sealed record OpaqueWay(TestSidecar Client, IAsyncDisposable Parts) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Parts.DisposeAsync();
}
