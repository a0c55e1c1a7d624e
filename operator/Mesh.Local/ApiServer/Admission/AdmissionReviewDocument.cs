using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.Admission;

/// <summary>What a webhook is told: an AdmissionReview of admission.k8s.io/v1.</summary>
internal static class AdmissionReviewDocument
{
    public static JsonObject Of(AdmissionCall call, string version)
    {
        var request = new JsonObject { ["uid"] = Guid.NewGuid().ToString() };
        Describe(request, call, version);
        request["object"] = Shown(call, call.Object, version);
        request["oldObject"] = Shown(call, call.Old?.Edit(), version);
        request["dryRun"] = call.IsDryRun;
        request["options"] = call.Operation == "CONNECT" ? null : Options(call);
        return new JsonObject { ["kind"] = "AdmissionReview", ["apiVersion"] = "admission.k8s.io/v1", ["request"] = request };
    }

    /// <summary>What expressions know of the request: the objects stand beside it.</summary>
    public static JsonObject RequestOf(AdmissionCall call, string version)
    {
        var request = new JsonObject();
        Describe(request, call, version);
        request["dryRun"] = call.IsDryRun;
        if (call.Operation != "CONNECT")
            request["options"] = Options(call);
        return request;
    }

    /// <summary>The object in a version; as it is where it is in that already.</summary>
    public static JsonElement? InVersion(AdmissionCall call, JsonElement? item, string version) =>
        item is { } found && found.Text("apiVersion") == call.Write.Resource.ApiVersionOf(version) && found.Text("kind") == call.Write.Resource.Kind
            ? found
            : Shown(call, item?.ToNode(), version)?.ToElement();

    private static void Describe(JsonObject request, AdmissionCall call, string version)
    {
        var write = call.Write;
        request["kind"] = Kind(call, version);
        request["resource"] = Resource(call, version);
        if (write.Subresource.Length > 0)
            request["subResource"] = write.Subresource;
        request["requestKind"] = Kind(call, write.Version.Name);
        request["requestResource"] = Resource(call, write.Version.Name);
        if (write.Subresource.Length > 0)
            request["requestSubResource"] = write.Subresource;
        var name = write.OfCollection ? null : write.Name.Length > 0 ? write.Name : call.Object.Text("metadata", "name");
        if (name is { Length: > 0 })
            request["name"] = name;
        if (write.Namespace.Length > 0)
            request["namespace"] = write.Namespace;
        request["operation"] = call.Operation;
        request["userInfo"] = User(write.User);
    }

    public static JsonObject User(ApiUser user)
    {
        var document = new JsonObject { ["username"] = user.Name };
        if (user.Uid is not null)
            document["uid"] = user.Uid;
        document["groups"] = new JsonArray([.. user.Groups.Select(group => (JsonNode)group)]);
        if (user.Extra.Count > 0)
            document["extra"] = new JsonObject(user.Extra.Select(pair => KeyValuePair.Create<string, JsonNode?>(
                pair.Key, new JsonArray([.. pair.Value.Select(value => (JsonNode)value)]))));
        return document;
    }

    private static JsonObject Kind(AdmissionCall call, string version) => new()
    {
        ["group"] = call.Write.Resource.Group,
        ["version"] = version,
        ["kind"] = call.Write.Resource.Kind,
    };

    private static JsonObject Resource(AdmissionCall call, string version) => new()
    {
        ["group"] = call.Write.Resource.Group,
        ["version"] = version,
        ["resource"] = call.Write.Resource.Plural,
    };

    private static JsonNode? Shown(AdmissionCall call, JsonObject? item, string version)
    {
        if (item is null)
            return null;
        var copy = (JsonObject)item.DeepClone();
        copy["apiVersion"] = call.Write.Resource.ApiVersionOf(version);
        copy["kind"] = call.Write.Resource.Kind;
        return copy;
    }

    private static JsonObject Options(AdmissionCall call)
    {
        var options = new JsonObject
        {
            ["kind"] = call.Operation switch { "CREATE" => "CreateOptions", "UPDATE" => "UpdateOptions", _ => "DeleteOptions" },
            ["apiVersion"] = "meta.k8s.io/v1",
        };
        if (call.Write.DryRun)
            options["dryRun"] = new JsonArray("All");
        if (call.Delete is { } delete)
            return DeleteOptions(options, delete);
        if (call.Write.FieldManagerGiven)
            options["fieldManager"] = call.Write.FieldManager;
        if (call.Write.FieldValidationGiven)
            options["fieldValidation"] = call.Write.FieldValidation;
        return options;
    }

    private static JsonObject DeleteOptions(JsonObject options, DeleteRequest delete)
    {
        if (delete.DryRun)
            options["dryRun"] = new JsonArray("All");
        if (delete.GracePeriodSeconds is { } seconds)
            options["gracePeriodSeconds"] = seconds;
        if (delete.Propagation is { } policy)
            options["propagationPolicy"] = policy;
        if (delete.Uid is not null || delete.ResourceVersion is not null)
        {
            var preconditions = options.Section("preconditions");
            if (delete.Uid is not null)
                preconditions["uid"] = delete.Uid;
            if (delete.ResourceVersion is not null)
                preconditions["resourceVersion"] = delete.ResourceVersion;
        }

        return options;
    }
}
