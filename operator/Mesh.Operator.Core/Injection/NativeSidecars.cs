using System.Globalization;
using System.Text.RegularExpressions;
using Mesh.Api;

namespace Mesh.Operator.Core.Injection;

/// <summary>
/// Init containers that keep running (restartPolicy Always), which the sidecar is one of. An API server before 1.29 drops the
/// field silently, and the pod would wait forever for a container that never ends.
/// </summary>
public static partial class NativeSidecars
{
    private static readonly (int Major, int Minor) Since = (1, 29);

    /// <param name="version">As the API server tells it, such as <c>v1.28.3-gke.100</c>.</param>
    public static string? Refusal(string version) => Read(version) is { } read && read.CompareTo(Since) < 0
        ? $"this cluster is Kubernetes {version}, and the sidecar is an init container with restartPolicy Always, which clusters have from {Since.Major}.{Since.Minor} on: upgrade the cluster, or give the pod the label {MeshLabels.Inject}: \"false\"."
        : null;

    private static (int Major, int Minor)? Read(string version) =>
        Version().Match(version) is { Success: true } match
            ? (int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture))
            : null;

    [GeneratedRegex(@"^v?(\d{1,3})\.(\d{1,3})", RegexOptions.NonBacktracking)]
    private static partial Regex Version();
}
