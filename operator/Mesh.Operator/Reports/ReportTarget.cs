namespace Mesh.Operator.Reports;

/// <summary>A sidecar to ask.</summary>
/// <param name="PodUid">Whose.</param>
/// <param name="Pod">For the log.</param>
/// <param name="Address">Host and port; IPv6 in brackets.</param>
public sealed record ReportTarget(string PodUid, EntityKey Pod, string Address);
