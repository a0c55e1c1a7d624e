using Mesh.Config;

namespace Mesh.Operator.Reports;

/// <summary>What is known of one sidecar from its own mouth.</summary>
public sealed record ReportEntry
{
    /// <summary>The last report; null before the first.</summary>
    public ProxyReport? Report { get; init; }

    /// <summary>Since when it has not answered; null while it does.</summary>
    public DateTimeOffset? SilentSince { get; init; }

    /// <summary>Why it did not answer.</summary>
    public string Why { get; init; } = "";
}
