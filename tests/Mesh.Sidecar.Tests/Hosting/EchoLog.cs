namespace Mesh.Sidecar.Tests.Hosting;

/// <summary>What the echo service of one test shares with the test.</summary>
internal sealed class EchoLog
{
    private int calls;

    public TaskCompletionSource Go { get; } = new();

    public int Calls => calls;

    public int Count() => Interlocked.Increment(ref calls);
}
