using System.Diagnostics;
using Mesh.Testing;

namespace Mesh.Benchmarks.Hop;

/// <summary>What load is sent to.</summary>
/// <param name="Name">As the tables say.</param>
/// <param name="Http1">Address for HTTP/1.1.</param>
/// <param name="Http2">Address for HTTP/2.</param>
/// <param name="Captured">Whether load starts in the pod whose traffic is captured.</param>
/// <param name="Process">The proxy; null where there is none.</param>
public sealed record Target(string Name, Uri Http1, Uri Http2, bool Captured, Process? Process)
{
    /// <summary>Where the load starts.</summary>
    public NetworkNamespace From(Stage stage) => Captured ? stage.Pod : stage.Plain;

    /// <summary>Address for a load.</summary>
    public Uri For(Load load) => load.Streams == 0 ? Http1 : Http2;

    /// <summary>What the proxy has used until now.</summary>
    public ProcessCost Cost() => Process is null ? new ProcessCost(0, 0) : ProcessCost.Of(Process.Id);
}
