using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Writes;

/// <summary>Names, labels and annotations: what Kubernetes accepts of them, in its words.</summary>
internal static partial class MetadataCheck
{
    private const string SubdomainRule =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    private const string LabelRule =
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

    private const string ValueRule =
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

    private const string KeyRule =
        "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

    private static readonly string[] StandardFinalizers = ["kubernetes", Deletion.Foreground, Deletion.Orphan, "customresourcecleanup.apiextensions.k8s.io"];

    public static void Add(List<FieldProblem> problems, WriteRequest write, JsonObject body)
    {
        var metadata = body.Section("metadata");
        Name(problems, write, metadata.Text("name") ?? "");
        Labels(problems, metadata["labels"]);
        Finalizers(problems, metadata["finalizers"]);
        if (metadata["annotations"] is JsonObject annotations)
        {
            foreach (var (key, _) in annotations.Where(pair => !IsKey(pair.Key.ToLowerInvariant())))
                problems.Add(FieldProblem.Invalid("metadata.annotations", FieldProblem.Quote(key), KeyRule));
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
            if (!IsKey(key))
                problems.Add(FieldProblem.Invalid("metadata.labels", FieldProblem.Quote(key), KeyRule));
            if (value is not JsonValue text || text.GetValueKind() != JsonValueKind.String)
                continue;
            if (!LabelValue().IsMatch(text.GetValue<string>()))
                problems.Add(FieldProblem.Invalid("metadata.labels", FieldProblem.Quote(text.GetValue<string>()), ValueRule));
            else if (text.GetValue<string>().Length > 63)
                problems.Add(FieldProblem.Invalid("metadata.labels", FieldProblem.Quote(text.GetValue<string>()), "must be no more than 63 bytes"));
        }
    }

    private static void Finalizers(List<FieldProblem> problems, JsonNode? finalizers)
    {
        var names = (finalizers as JsonArray)?.Select(item => item?.GetValue<string>() ?? "").ToList() ?? [];
        foreach (var name in names.Where(name => !IsKey(name)))
            problems.Add(FieldProblem.Invalid("metadata.finalizers", FieldProblem.Quote(name), KeyRule));
        for (var i = 0; i < names.Count; i++)
        {
            if (!names[i].Contains('/', StringComparison.Ordinal) && !StandardFinalizers.Contains(names[i]))
                problems.Add(FieldProblem.Invalid($"metadata.finalizers[{i}]", FieldProblem.Quote(names[i]), "name is neither a standard finalizer name nor is it fully qualified"));
        }
    }

    private static bool IsKey(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0 && !Subdomain().IsMatch(key[..slash]))
            return false;
        return KeyName().IsMatch(key[(slash + 1)..]);
    }

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Label();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Subdomain();

    [GeneratedRegex(@"^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex LabelValue();

    [GeneratedRegex(@"^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex KeyName();
}
