using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Lifecycle;
using Mesh.Local.ApiServer.Storage;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.Kinds;

/// <summary>CustomResourceDefinitions: names' defaults, the stored versions, and a deletion that waits for the objects.</summary>
internal sealed class DefinitionRules : KindRules
{
    private const string Approval = "api-approved.kubernetes.io";

    /// <summary>A definition has a new state, or went; told before its writer has the answer.</summary>
    public event Action<StoredObject>? Changed;

    public override bool Lingers => true;

    public override bool HasGeneration(WriteRequest write) => true;

    public override void PrepareCreate(JsonObject item) => item["status"] = new JsonObject
    {
        ["conditions"] = null,
        ["acceptedNames"] = new JsonObject { ["plural"] = "", ["kind"] = "" },
        ["storedVersions"] = StorageVersions(item).FirstOrDefault() is { } first ? new JsonArray(first) : null,
    };

    public override void PrepareUpdate(JsonObject item, StoredObject before, string subresource)
    {
        if (subresource.Length > 0 || item["status"] is not JsonObject status)
            return;
        if (status["storedVersions"] is not JsonArray stored)
            status["storedVersions"] = stored = [];
        foreach (var version in StorageVersions(item).Take(1))
        {
            if (!stored.Any(known => JsonNode.DeepEquals(known, version)))
                stored.Add(version);
        }
    }

    public override void Replaced(StoredObject before, StoredObject after) => Changed?.Invoke(after);

    public override void Removed(StoredObject last) => Changed?.Invoke(last);

    public override void Terminate(JsonObject item, DateTimeOffset now)
    {
        var metadata = item.Section("metadata");
        metadata.Remove("deletionGracePeriodSeconds");
        if (metadata.Integer("generation") is { } generation)
            metadata["generation"] = generation - 1;
        var finalizers = metadata["finalizers"] as JsonArray ?? [];
        if (!finalizers.Any(one => one!.GetValue<string>() == CustomResources.Cleanup))
            finalizers.Add(CustomResources.Cleanup);
        metadata["finalizers"] = finalizers.Parent is null ? finalizers : finalizers.DeepClone();
        DefinitionStatus.Set(item.Section("status"), new DefinitionCondition("Terminating", true, "InstanceDeletionPending", "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon"), now);
    }

    public override void Default(JsonObject item)
    {
        if (item["spec"] is not JsonObject spec)
            return;
        var names = spec.Section("names");
        if (names.Text("kind") is { } kind)
        {
            names.Default("singular", kind.ToLowerInvariant());
            names.Default("listKind", kind + "List");
        }

        spec.Default("conversion", new JsonObject { ["strategy"] = "None" });
    }

    public override void Validate(List<FieldProblem> problems, JsonObject item, StoredObject? before)
    {
        var definition = item.ToElement();
        if (before is null)
            Name(problems, definition);
        Spec(problems, definition);
        DefinitionVersionsCheck.Add(problems, definition);
        if (before is null)
            return;
        var group = problems.Count;
        foreach (var (place, old) in (ReadOnlySpan<(string, string?)>)[("group", before.Json.Text("spec", "group")), ("scope", before.Json.Text("spec", "scope"))])
        {
            if (definition.Text("spec", place) is var now && now != old)
                problems.Insert(group++, FieldProblem.Invalid("spec." + place, FieldProblem.Quote(now ?? ""), "field is immutable"));
        }
    }

    private static void Name(List<FieldProblem> problems, JsonElement definition)
    {
        var (name, group) = (definition.Text("metadata", "name") ?? "", definition.Text("spec", "group") ?? "");
        if (name != $"{definition.Text("spec", "names", "plural")}.{group}")
            problems.Add(FieldProblem.Invalid("metadata.name", FieldProblem.Quote(name), "must be spec.names.plural+\".\"+spec.group"));
        var isProtected = group is "k8s.io" or "kubernetes.io" || group.EndsWith(".k8s.io", StringComparison.Ordinal) || group.EndsWith(".kubernetes.io", StringComparison.Ordinal);
        if (isProtected && definition.Text("metadata", "annotations", Approval) is not { Length: > 0 })
        {
            problems.Add(FieldProblem.Required($"metadata.annotations[{Approval}]",
                $"protected groups must have approval annotation \"{Approval}\", see https://github.com/kubernetes/enhancements/pull/1111"));
        }
    }

    private static void Spec(List<FieldProblem> problems, JsonElement definition)
    {
        if (definition.Text("spec", "group") is not { Length: > 0 })
            problems.Add(FieldProblem.Required("spec.group"));
        if (definition.Text("spec", "scope") is not ("Cluster" or "Namespaced") and var scope)
            problems.Add(scope is null ? FieldProblem.Required("spec.scope") : FieldProblem.NotSupported("spec.scope", FieldProblem.Quote(scope), ["Cluster", "Namespaced"]));
        foreach (var name in (ReadOnlySpan<string>)["plural", "singular", "kind", "listKind"])
        {
            if (definition.Text("spec", "names", name) is not { Length: > 0 })
                problems.Add(FieldProblem.Required("spec.names." + name));
        }

        if (definition.Flag("spec", "preserveUnknownFields"))
            problems.Add(FieldProblem.Invalid("spec.preserveUnknownFields", "true", "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"));
        Conversion(problems, definition);
    }

    private static void Conversion(List<FieldProblem> problems, JsonElement definition)
    {
        if (definition.Text("spec", "conversion", "strategy") is not "None" and var strategy)
        {
            var found = problems.Count;
            if (strategy == "Webhook" && definition.At("spec", "conversion", "webhook", "clientConfig") is null)
                problems.Add(FieldProblem.Required("spec.conversion.webhookClientConfig", "required when strategy is set to Webhook"));
            if (strategy == "Webhook" && definition.Count("spec", "conversion", "webhook", "conversionReviewVersions") == 0)
                problems.Add(FieldProblem.Required("spec.conversion.conversionReviewVersions"));
            // Conversion by webhooks is not built here, which is said where it would be asked for.
            if (problems.Count == found)
                problems.Add(FieldProblem.NotSupported("spec.conversion.strategy", FieldProblem.Quote(strategy ?? ""), ["None"]));
        }
    }

    private static IEnumerable<JsonNode> StorageVersions(JsonObject item) =>
        item.List("spec", "versions")?.Where(version => version.Flag("storage")).Select(version => (JsonNode)(version.Text("name") ?? "")) ?? [];
}
