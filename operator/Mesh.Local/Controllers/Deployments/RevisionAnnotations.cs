using System.Collections.Immutable;
using System.Globalization;
using k8s.Models;

namespace Mesh.Local.Controllers.Deployments;

/// <summary>What a Deployment notes on its ReplicaSets: their revision, the ones they had before, and what they were scaled for. Pure.</summary>
internal static class RevisionAnnotations
{
    public const string Revision = "deployment.kubernetes.io/revision";
    private const string History = "deployment.kubernetes.io/revision-history";
    private const string DesiredReplicas = "deployment.kubernetes.io/desired-replicas";
    private const string MaxReplicas = "deployment.kubernetes.io/max-replicas";

    /// <summary>Annotations of a Deployment that are its own and not told to its sets.</summary>
    private static readonly ImmutableHashSet<string> Own =
        ["kubectl.kubernetes.io/last-applied-configuration", Revision, History, DesiredReplicas, MaxReplicas, "deprecated.deployment.rollback.to"];

    public static long RevisionOf(V1ObjectMeta meta) => Number(meta, Revision) ?? 0;

    public static int? Desired(V1ReplicaSet set) => (int?)Number(set.Metadata, DesiredReplicas);

    public static int? Most(V1ReplicaSet set) => (int?)Number(set.Metadata, MaxReplicas);

    public static long Next(DeploymentSets sets) => sets.Old.Select(set => RevisionOf(set.Metadata)).DefaultIfEmpty(0).Max() + 1;

    /// <summary>For the set of the present template: those of the Deployment, and the newest revision with the ones before.</summary>
    public static Dictionary<string, string> ForCurrent(DeploymentSets sets, IDictionary<string, string>? before)
    {
        var after = new Dictionary<string, string>(before ?? new Dictionary<string, string>());
        foreach (var (name, value) in (sets.Deployment.Metadata.Annotations ?? new Dictionary<string, string>()).Where(pair => !Own.Contains(pair.Key))) after[name] = value;
        var next = Next(sets);
        var had = after.GetValueOrDefault(Revision);
        if (had is not null && long.TryParse(had, CultureInfo.InvariantCulture, out var old) && old >= next) return after;
        after[Revision] = Text(next);
        if (had is not null) after[History] = after.TryGetValue(History, out var history) && history.Length > 0 ? $"{history},{had}" : had;
        return after;
    }

    /// <summary>What it is scaled for, by which a later change of size finds each set's share.</summary>
    public static Dictionary<string, string> Scaled(DeploymentSets sets) => new()
    {
        [DesiredReplicas] = Text(sets.Wanted),
        [MaxReplicas] = Text(sets.Wanted + sets.MaxSurge),
    };

    /// <summary>The Deployment's size was changed since a set in use was scaled.</summary>
    public static bool ShowScaling(DeploymentSets sets) =>
        sets.All.Any(set => DeploymentSets.Size(set) > 0 && Desired(set) is { } desired && desired != sets.Wanted);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static long? Number(V1ObjectMeta meta, string name) =>
        meta.Annotations?.TryGetValue(name, out var text) == true && long.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : null;
}
