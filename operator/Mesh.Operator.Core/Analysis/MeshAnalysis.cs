using System.Collections.Immutable;
using System.Text.Json;
using k8s;
using k8s.Models;
using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Api.Validation;
using Mesh.Operator.Core.Objects;
using Mesh.Operator.Core.Planning;

namespace Mesh.Operator.Core.Analysis;

/// <summary>
/// The way in for the command line: the documents of files or of a whole cluster come in, everything wrong with them by
/// themselves and together goes out. The same validators and analysers speak in admission and status.
/// </summary>
public static class MeshAnalysis
{
    /// <summary>What is wrong with objects of files, the worst first: other objects, and what runs, are not known.</summary>
    /// <param name="documents">Objects as JSON; kinds that do not bear on the mesh are passed over.</param>
    /// <param name="now">The time, for certificates that end.</param>
    /// <param name="defaultNamespace">Of objects that name none; findings then name none either.</param>
    public static ImmutableArray<Finding> OfFiles(IReadOnlyList<JsonElement> documents, DateTimeOffset now, string defaultNamespace = "default")
    {
        var findings = new List<Finding>();
        var read = new List<IKubernetesObject<V1ObjectMeta>>();
        foreach (var document in documents)
        {
            findings.AddRange(Validated(document).Select(finding => Placed(finding, document, defaultNamespace)));
            findings.AddRange(ForeignConditions.Of(document, Text(document, "apiVersion"), NameOf(document, defaultNamespace)));
            if (Read(document, defaultNamespace, findings) is { } known) read.Add(known);
        }

        // What was applied elsewhere may bring the addresses that were given out there.
        var given = read.OfType<V1ServiceEntry>().Where(entry => entry.Status?.Addresses.Count > 0).Select(Found.Name).ToHashSet(StringComparer.Ordinal);
        // Nothing is ready in files, and nobody would want to be told so.
        findings.AddRange(MeshPlanner.Plan(ClusterObjects.OfFiles(read).At(now)).Findings.Where(finding => finding.Code != FindingCodes.NoReadyEndpoints));
        findings.RemoveAll(finding => finding.Code == FindingCodes.ServiceEntryAddressesRequired && given.Contains(finding.Resource));
        var unplaced = documents.Where(IsUnplaced).Select(document => (Written: NameOf(document, ""), Placed: NameOf(document, defaultNamespace))).DistinctBy(pair => pair.Placed).ToDictionary(pair => pair.Placed, pair => pair.Written);
        return [.. Ordered(findings).Select(finding => unplaced.TryGetValue(finding.Resource, out var written) ? finding with { Resource = written } : finding)];
    }

    /// <summary>What is wrong in a cluster, the worst first.</summary>
    /// <param name="objects">All objects of every kind that could be listed.</param>
    /// <param name="now">The time, for certificates that end.</param>
    /// <param name="unlisted">Kinds of which nothing is known, not even that there are none.</param>
    public static ImmutableArray<Finding> OfCluster(IReadOnlyList<IKubernetesObject<V1ObjectMeta>> objects, DateTimeOffset now, params ReadOnlySpan<Type> unlisted)
    {
        var plan = MeshPlanner.Plan(ClusterObjects.OfCluster(objects, unlisted).At(now));
        // What has no verdict yet is judged by itself here; all else was, within the plan.
        var judged = plan.Verdicts.Keys.Select(rule => rule.ToString()).ToHashSet(StringComparer.Ordinal);
        var alone = objects.Where(source => ApiKinds.All.Contains(source.GetType()) && !judged.Contains(Found.Name(source)))
            .SelectMany(source => Validated(KubernetesJson.Deserialize<JsonElement>(KubernetesJson.Serialize(source))));
        return [.. Ordered(plan.Findings.Concat(alone))];
    }

    private static IEnumerable<Finding> Validated(JsonElement document) => DocumentValidator.Validate(document).Where(finding => finding.Code != FindingCodes.UnknownKind);

    private static IEnumerable<Finding> Ordered(IEnumerable<Finding> findings) => findings
        .DistinctBy(finding => (finding.Resource, finding.Code, finding.Path, finding.Value, finding.Message))
        .OrderByDescending(finding => finding.Severity).ThenBy(finding => finding.Resource, StringComparer.Ordinal);

    private static IKubernetesObject<V1ObjectMeta>? Read(JsonElement document, string defaultNamespace, List<Finding> findings)
    {
        try
        {
            return ObjectReader.Read(document, defaultNamespace);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            findings.Add(Found.Error(FindingCodes.SchemaValidationError, NameOf(document, defaultNamespace), (e as JsonException)?.Path?.TrimStart('$', '.') ?? "", null, $"The object cannot be read: {e.Message}", "Correct the type of the value; kubectl explain shows each field's."));
            return null;
        }
    }

    // A validator names an object as it is written; everything else knows its place.
    private static Finding Placed(Finding finding, JsonElement document, string defaultNamespace) =>
        finding with { Resource = IsUnplaced(document) ? NameOf(document, defaultNamespace) : finding.Resource };

    private static bool IsUnplaced(JsonElement document) => ObjectReader.IsNamespaced(Text(document, "kind")) && Metadata(document, "namespace").Length == 0;

    private static string NameOf(JsonElement document, string defaultNamespace)
    {
        var kind = Text(document, "kind");
        var space = Metadata(document, "namespace");
        return ResourceNames.Of(kind, space.Length == 0 && ObjectReader.IsNamespaced(kind) ? defaultNamespace : space, Metadata(document, "name"));
    }

    private static string Metadata(JsonElement document, string name) => document.TryGetProperty("metadata", out var metadata) ? Text(metadata, name) : "";

    private static string Text(JsonElement from, string name) =>
        from.ValueKind == JsonValueKind.Object && from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
