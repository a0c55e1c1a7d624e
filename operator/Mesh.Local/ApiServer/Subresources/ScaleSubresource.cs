using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Patching;
using Mesh.Local.ApiServer.Resources;
using Mesh.Local.ApiServer.Schema;
using Mesh.Local.ApiServer.Storage;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.Subresources;

/// <summary>The number of replicas of a workload as a Scale of autoscaling/v1; writing it writes the workload.</summary>
internal sealed class ScaleSubresource(ReadHandler reads, ObjectWrites writes)
{
    public async Task AnswerAsync(ApiRequest request)
    {
        if (request.Context.Request.Method == "GET")
        {
            await Answers.WriteAsync(request.Context, 200, Show(request, reads.Find(request)));
            return;
        }

        var change = await ChangeAsync(request);
        var stored = await writes.UpdateAsync(
            WriteRequest.Of(request),
            before =>
            {
                var wanted = change(Show(request, before));
                if (wanted.Text("metadata", "resourceVersion") is { Length: > 0 } revision && revision != before.Json.Text("metadata", "resourceVersion"))
                    throw StatusException.Modified(request.Resource, request.Name);
                return WithReplicas(request, before, wanted.Integer("spec", "replicas") ?? 0);
            },
            request.Cancellation);
        await Answers.WriteAsync(request.Context, 200, Show(request, stored));
    }

    private static async Task<Func<JsonObject, JsonObject>> ChangeAsync(ApiRequest request)
    {
        if (request.Context.Request.Method == "PUT")
        {
            var body = await RequestBody.ReadObjectAsync(request);
            return _ => body;
        }

        var scale = request with { Version = request.Version with { Schema = BuiltInSchemas.Scale } };
        var patch = ObjectPatch.Read(scale, await RequestBody.ReadAsync(request));
        if (patch.IsApply)
            throw StatusException.UnsupportedMediaType("415: Unsupported Media Type");
        return patch.Apply;
    }

    private static JsonObject WithReplicas(ApiRequest request, StoredObject before, long replicas)
    {
        if (replicas < 0)
        {
            throw StatusException.Invalid(request.Resource with { Group = "autoscaling", Kind = "Scale" }, request.Name,
                [FieldProblem.Invalid("spec.replicas", replicas.ToString(System.Globalization.CultureInfo.InvariantCulture), "must be greater than or equal to 0")]);
        }

        var after = before.Edit();
        after["apiVersion"] = request.ApiVersion;
        var path = request.Version.Scale!.SpecReplicas.Split('.');
        var place = after;
        foreach (var name in path[..^1])
            place = place.Section(name);
        place[path[^1]] = replicas;
        return after;
    }

    private static JsonObject Show(ApiRequest request, StoredObject item)
    {
        var paths = request.Version.Scale!;
        var metadata = new JsonObject();
        foreach (var name in (string[])["name", "namespace", "uid", "resourceVersion", "creationTimestamp"])
            metadata[name] = item.Json.Text("metadata", name);
        var status = new JsonObject { ["replicas"] = item.Json.Integer(paths.StatusReplicas.Split('.')) ?? 0 };
        if (Selector(item, paths) is { } selector)
            status["selector"] = selector;
        return new JsonObject
        {
            ["kind"] = "Scale",
            ["apiVersion"] = "autoscaling/v1",
            ["metadata"] = metadata,
            ["spec"] = new JsonObject { ["replicas"] = item.Json.Integer(paths.SpecReplicas.Split('.')) ?? 0 },
            ["status"] = status,
        };
    }

    private static string? Selector(StoredObject item, ScalePaths paths)
    {
        if (paths.Selector is null || item.Json.At(paths.Selector.Split('.')) is not { } selector)
            return null;
        if (selector.ValueKind == System.Text.Json.JsonValueKind.String)
            return selector.GetString();
        return string.Join(",", selector.Properties("matchLabels").OrderBy(pair => pair.Name, StringComparer.Ordinal).Select(pair => pair.Name + "=" + pair.Value.GetString()));
    }
}
