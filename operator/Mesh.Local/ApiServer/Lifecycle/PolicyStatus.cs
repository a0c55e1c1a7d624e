using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Admission.Policies;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Resources;
using Mesh.Local.ApiServer.Schema;
using Mesh.Local.ApiServer.Storage;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.Lifecycle;

/// <summary>
/// What a ValidatingAdmissionPolicy's status says: that its generation was looked at, and which of its validations name fields
/// that the kinds it is about do not have. Such a policy counts all the same; its expression fails when it is evaluated.
/// </summary>
internal sealed class PolicyStatus(CurrentCatalog catalog, ObjectWrites writes)
{
    public const string Id = "validatingadmissionpolicies.admissionregistration.k8s.io";
    private const string Failed = "compilation failed: ";
    private const int MostKinds = 10;

    // A built-in shape may contain itself.
    private const int Deepest = 12;

    public async Task FollowAsync(StoreEvent written, CancellationToken cancellation)
    {
        if (written.After is not { IsTerminating: false } policy || policy.Json.Integer("metadata", "generation") is not { } generation
            || policy.Json.Integer("status", "observedGeneration") == generation)
            return;
        var status = new JsonObject { ["observedGeneration"] = generation, ["typeChecking"] = TypeChecking(policy.Edit().Map("spec") ?? []) };
        await writes.UpdateAsync(
            WriteRequest.Own(catalog.Now, catalog.Now.Find("admissionregistration.k8s.io", "validatingadmissionpolicies")!, "", policy.Name) with { Subresource = "status" },
            before =>
            {
                var after = before.Edit();
                after["status"] = status.DeepClone();
                return after;
            },
            cancellation);
    }

    private JsonObject TypeChecking(JsonObject spec)
    {
        var warnings = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (resource, version) in Kinds(spec))
        {
            if (version.Schema is not { } schema)
                continue;
            foreach (var wrong in PolicyExpressions.Check(spec, Whole(schema)).Where(IsToldOf))
            {
                var text = $"{resource.Group}/{version.Name}, Kind={resource.Kind}: {wrong.Problem[Failed.Length..]}\n";
                warnings[wrong.Place] = warnings.GetValueOrDefault(wrong.Place) is { } others ? others + "\n" + text : text;
            }
        }

        return warnings.Count == 0 ? [] : new JsonObject
        {
            ["expressionWarnings"] = new JsonArray([.. warnings.Select(one => new JsonObject { ["fieldRef"] = one.Key, ["warning"] = one.Value })]),
        };
    }

    private static bool IsToldOf(PolicyExpressions.Wrong wrong) =>
        wrong.Place.StartsWith("spec.validations[", StringComparison.Ordinal) && wrong.Problem.StartsWith(Failed, StringComparison.Ordinal);

    /// <summary>The kinds its rules name; one that means any kind can be held against none.</summary>
    private IEnumerable<(ApiResource Resource, ServedVersion Version)> Kinds(JsonObject spec) => (spec.List("matchConstraints", "resourceRules")?.OfType<JsonObject>() ?? [])
        .Where(rule => !Words(rule, "apiGroups").Concat(Words(rule, "apiVersions")).Contains("*"))
        .SelectMany(rule =>
            from @group in Words(rule, "apiGroups")
            from version in Words(rule, "apiVersions")
            from plural in Words(rule, "resources")
            let resource = catalog.Now.Find(@group, plural)
            where resource is not null
            let served = resource.Version(version)
            where served is not null
            orderby @group, version, resource.Kind
            select (resource, served))
        .Distinct()
        .Take(MostKinds);

    private static IEnumerable<string> Words(JsonObject rule, string list) => rule.List(list)?.Select(one => one?.ToString() ?? "") ?? [];

    /// <summary>A definition says little of the metadata, which all objects share.</summary>
    private static JsonElement Whole(StructuralSchema schema)
    {
        var shape = Shape(schema, 0);
        shape.Section("properties")["metadata"] = Shape(BuiltInSchemas.Metadata, 1);
        return shape.ToElement();
    }

    /// <summary>Fields and types alone.</summary>
    private static JsonObject Shape(StructuralSchema schema, int depth)
    {
        var shape = new JsonObject();
        if (schema.IntOrString || schema.Type is not { } type || depth > Deepest)
            return shape;
        shape["type"] = type;
        if (schema.PreserveUnknownFields)
            shape["x-kubernetes-preserve-unknown-fields"] = true;
        if (schema.Format is { } format)
            shape["format"] = format;
        if (schema.Properties.Count > 0)
            shape["properties"] = new JsonObject(schema.Properties.Select(field => KeyValuePair.Create<string, JsonNode?>(field.Key, Shape(field.Value, depth + 1))));
        if (schema.AdditionalProperties is { } values)
            shape["additionalProperties"] = Shape(values, depth + 1);
        if (schema.Items is { } items)
            shape["items"] = Shape(items, depth + 1);
        return shape;
    }
}
