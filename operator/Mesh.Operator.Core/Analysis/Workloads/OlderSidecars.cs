using Mesh.Api;
using Mesh.Api.Validation;
using Mesh.Config.Formats;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis.Workloads;

/// <summary>
/// What sidecars of an older version could not be told (MESH0070): on the rule it comes from; where a section does not say
/// which, on all that have a part in it; where none has, on the pod.
/// </summary>
internal sealed class OlderSidecars : IAnalyser
{
    private const int Named = 5;

    public IEnumerable<Finding> Analyse(Inventory mesh)
    {
        var pods = mesh.Pods.Where(pod => !pod.Losses.IsEmpty && !pod.IsTerminating).ToList();
        if (pods.Count == 0) return [];
        var rules = mesh.Parts.Rules.Entries.Select(entry => entry.Rule.Key).Concat(mesh.Parts.Policies.Entries.Select(entry => entry.Rule.Key))
            .Concat(mesh.Parts.Peers.Entries.Select(entry => entry.Rule.Key)).Concat(mesh.Parts.HealthChecks.Entries.Select(entry => entry.Rule.Key))
            .Concat(mesh.Parts.Sidecars.Entries.Select(entry => entry.Rule.Key)).ToList();
        return Of(pods.Select(pod => (pod.Pod, pod.Losses.AsEnumerable(), (Func<RuleKey, IEnumerable<string>>)(rule => pod.SectionsOf(rule)))), rules);
    }

    internal static IEnumerable<Finding> Of(IEnumerable<(ObjectKey Pod, IEnumerable<FormatLoss> Losses, Func<RuleKey, IEnumerable<string>> SectionsOf)> pods, IReadOnlyCollection<RuleKey> rules) =>
        pods.SelectMany(pod => pod.Losses.SelectMany(loss => Concerned(pod.Pod, loss, pod.SectionsOf, rules).Select(about => (About: about, pod.Pod, Loss: loss))))
            .GroupBy(one => (one.About, Member: MemberOf(one.Loss), one.Loss.Refuses))
            .OrderBy(group => group.Key.About.Resource, StringComparer.Ordinal).ThenBy(group => group.Key.Member, StringComparer.Ordinal)
            .Select(group => Tell(group.Key.About, group.Key.Member, group.Key.Refuses, [.. group.Select(one => one.Pod).Distinct().Order()]));

    // A place of a rule ("VirtualService/default/reviews#http[2]") or of none.
    private static IEnumerable<(string Resource, string Path)> Concerned(ObjectKey pod, FormatLoss loss, Func<RuleKey, IEnumerable<string>> sectionsOf, IReadOnlyCollection<RuleKey> rules)
    {
        if (loss.Origin.Split('#') is [{ Length: > 0 } rule, var place]) return [(rule, $"spec.{place}")];
        var named = rules.Where(one => sectionsOf(one).Contains(loss.Section, StringComparer.Ordinal)).Select(one => (one.ToString(), "spec")).ToList();
        return named.Count > 0 ? named : [(ResourceNames.Of("Pod", pod.Namespace, pod.Name), "")];
    }

    private static Finding Tell((string Resource, string Path) about, string member, bool refuses, IReadOnlyList<ObjectKey> pods)
    {
        var names = string.Join(", ", pods.Take(Named)) + (pods.Count > Named ? $" and {pods.Count - Named} more" : "");
        var (who, what) = pods.Count == 1 ? ("The sidecar of 1 pod is", refuses ? "it refuses what that guards" : "it goes on without")
            : ($"The sidecars of {pods.Count} pods are", refuses ? "they refuse what that guards" : "they go on without");
        return Found.Warning(
            FindingCodes.SidecarTooOld, about.Resource, about.Path, null, $"{who} too old to be told '{member}', so {what}: {names}.",
            "Restart them, and each gets a sidecar of this version: kubectl rollout restart on their Deployments.");
    }

    private static string MemberOf(FormatLoss loss) => loss.Path.Length == 0 ? loss.Section : loss.Path[(loss.Path.LastIndexOf('.') + 1)..];
}
