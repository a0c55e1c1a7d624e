using Mesh.Api;
using Mesh.Operator.Core.Credentials;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Planning.Features;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis;

/// <summary>What keeps a Secret that a DestinationRule names from the sidecars that are to use it.</summary>
internal sealed class CredentialAnalysis(MeshSnapshot snapshot)
{
    /// <summary>Secrets that cannot be read, used, or composed for the pods.</summary>
    public IEnumerable<Reference> Missing(PolicyEntry entry)
    {
        var places = CredentialPlaces.Of(entry.Rule.Spec).ToList();
        foreach (var (path, tls) in places)
        {
            if (snapshot.Credentials.GetValueOrDefault(new ObjectKey(entry.Rule.Namespace, tls.CredentialName!)) is { } known && CredentialTranslator.ProblemOf(tls, known) is { } problem)
                yield return Reference(path, tls.CredentialName, problem);
        }

        if (places.Count == 0) yield break;
        foreach (var secret in Pods(entry).Select(pod => new ObjectKey(pod.Key.Namespace, pod.CredentialSecret)).Distinct())
            if (snapshot.RefusedSecrets.TryGetValue(secret, out var problem)) yield return Reference(places[0].Path, places[0].Tls.CredentialName, problem);
    }

    /// <summary>Pods that credentials cannot reach.</summary>
    public IEnumerable<Finding> Unmounted(PolicyEntry entry)
    {
        // Only the operator reads Secrets, and only its pods are as the injector left them.
        var place = CredentialPlaces.Of(entry.Rule.Spec).FirstOrDefault(place => snapshot.Credentials.ContainsKey(new ObjectKey(entry.Rule.Namespace, place.Tls.CredentialName!)));
        var pods = place.Tls is null ? [] : Pods(entry).Where(pod => pod.CredentialSecret.Length == 0 && !pod.IsTerminating).Select(pod => pod.Key.Name).ToList();
        if (pods.Count == 0) yield break;
        yield return Found.Warning(
            FindingCodes.CredentialNotMounted, entry.Rule.Key.ToString(), $"{place.Path}.credentialName", place.Tls!.CredentialName,
            $"Pod {pods[0]}{(pods.Count > 1 ? $" and {pods.Count - 1} more" : "")} was made before credentials were mounted into pods and cannot use it.", "Restart the Deployment: kubectl rollout restart.");
    }

    private IEnumerable<Workload> Pods(PolicyEntry entry) =>
        snapshot.Workloads.Values.Where(pod => pod.IsInMesh && pod.Key.Namespace == entry.Rule.Namespace && pod.Labels.Satisfies(entry.Selector));

    private static Reference Reference(string path, string? name, CredentialProblem problem) => new(problem.Reason, new Finding
    {
        Severity = Severity.Error,
        Code = problem.Code,
        Path = $"{path}.credentialName",
        Value = name,
        Message = problem.Message,
        Remedy = problem.Remedy,
    });
}
