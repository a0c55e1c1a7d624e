using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Selection;

namespace Mesh.Local.ApiServer.Writes;

/// <summary>Names, labels and annotations: what Kubernetes accepts of them, in its words.</summary>
internal static partial class MetadataCheck
{
    private const string SubdomainRule =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    private const string LabelRule =
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

    private static readonly string[] StandardFinalizers = ["kubernetes", Deletion.Foreground, Deletion.Orphan, "customresourcecleanup.apiextensions.k8s.io"];

    public static void Add(List<FieldProblem> problems, WriteRequest write, JsonObject body)
    {
        var metadata = body.Section("metadata");
        Name(problems, write, metadata.Text("name") ?? "");
        Labels(problems, metadata["labels"]);
        Finalizers(problems, metadata["finalizers"]);
        if (metadata["annotations"] is JsonObject annotations)
        {
            foreach (var (key, _) in annotations)
                Add(problems, "metadata.annotations", key, LabelSyntax.KeyProblem(key.ToLowerInvariant()));
            var size = annotations.Sum(pair => pair.Key.Length + (pair.Value is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>().Length : 0));
            if (size > 256 * 1024)
                problems.Add(FieldProblem.TooLong("metadata.annotations", 262144));
        }

        OwnerCheck.Add(problems, metadata["ownerReferences"] as JsonArray);
    }

    private static void Name(List<FieldProblem> problems, WriteRequest write, string name)
    {
        if (name.Length == 0)
        {
            problems.Add(FieldProblem.Required("metadata.name", "name or generateName is required"));
            return;
        }

        if (write.Resource.Group == "rbac.authorization.k8s.io")
        {
            if (name is "." or ".." || name.Contains('/', StringComparison.Ordinal) || name.Contains('%', StringComparison.Ordinal))
                problems.Add(FieldProblem.Invalid("metadata.name", FieldProblem.Quote(name), "may not contain '/' or '%'"));
            return;
        }

        if (write.Resource is { Group: "", Kind: "Namespace" or "Service" })
        {
            if (name.Contains('.', StringComparison.Ordinal))
                problems.Add(FieldProblem.Invalid("metadata.name", FieldProblem.Quote(name), "must not contain dots"));
            else if (!Label().IsMatch(name))
                problems.Add(FieldProblem.Invalid("metadata.name", FieldProblem.Quote(name), LabelRule));
            if (name.Length > 63)
                problems.Add(FieldProblem.Invalid("metadata.name", FieldProblem.Quote(name), "must be no more than 63 bytes"));
            return;
        }

        if (!Subdomain().IsMatch(name))
            problems.Add(FieldProblem.Invalid("metadata.name", FieldProblem.Quote(name), SubdomainRule));
        if (name.Length > 253)
            problems.Add(FieldProblem.Invalid("metadata.name", FieldProblem.Quote(name), "must be no more than 253 characters"));
    }

    private static void Labels(List<FieldProblem> problems, JsonNode? labels)
    {
        if (labels is not JsonObject map)
            return;
        foreach (var (key, value) in map)
        {
            Add(problems, "metadata.labels", key, LabelSyntax.KeyProblem(key));
            if (value is JsonValue text && text.GetValueKind() == JsonValueKind.String)
                Add(problems, "metadata.labels", text.GetValue<string>(), LabelSyntax.ValueProblem(text.GetValue<string>()));
        }
    }

    private static void Finalizers(List<FieldProblem> problems, JsonNode? finalizers)
    {
        var names = (finalizers as JsonArray)?.Select(item => item?.GetValue<string>() ?? "").ToList() ?? [];
        foreach (var name in names)
            Add(problems, "metadata.finalizers", name, LabelSyntax.KeyProblem(name));
        for (var i = 0; i < names.Count; i++)
        {
            if (!names[i].Contains('/', StringComparison.Ordinal) && !StandardFinalizers.Contains(names[i]))
                problems.Add(FieldProblem.Invalid($"metadata.finalizers[{i}]", FieldProblem.Quote(names[i]), "name is neither a standard finalizer name nor is it fully qualified"));
        }
    }

    private static void Add(List<FieldProblem> problems, string field, string text, string? problem)
    {
        if (problem is not null)
            problems.Add(FieldProblem.Invalid(field, FieldProblem.Quote(text), problem));
    }

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Label();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Subdomain();
}
