namespace Mesh.Sidecar.Scraping;

/// <summary>What the application said of its metrics: lines that read.</summary>
/// <param name="Text">All of it.</param>
/// <param name="IsOpenMetrics">The other format is Prometheus' text.</param>
internal sealed record AppAnswer(ReadOnlyMemory<byte> Text, bool IsOpenMetrics);
