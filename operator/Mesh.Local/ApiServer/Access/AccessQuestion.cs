using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Access;

/// <summary>What a SubjectAccessReview, in one of its three kinds, asks.</summary>
internal static class AccessQuestion
{
    public static AccessRequest Read(ApiRequest request, JsonObject review)
    {
        var spec = review["spec"] as JsonObject ?? [];
        var (resource, path) = (spec["resourceAttributes"] as JsonObject, spec["nonResourceAttributes"] as JsonObject);
        if (resource is null == path is null)
        {
            throw Invalid(request, FieldProblem.Invalid(
                "spec.resourceAttributes", resource is null ? "null" : resource.ToJsonString(), "exactly one of nonResourceAttributes or resourceAttributes must be specified"));
        }

        var isLocal = request.Resource.Kind == "LocalSubjectAccessReview";
        if (isLocal && path is not null)
            throw Invalid(request, FieldProblem.Invalid("spec.nonResourceAttributes", path.ToJsonString(), "disallowed on this kind of request"));
        if (isLocal && resource.Text("namespace") is var ns && ns != request.Namespace)
            throw Invalid(request, FieldProblem.Invalid("spec.resourceAttributes.namespace", FieldProblem.Quote(ns ?? ""), "must match metadata.namespace"));
        var user = request.Resource.Kind == "SelfSubjectAccessReview" ? request.User : Subject(request, spec);
        if (path is not null)
            return new AccessRequest { User = user, Verb = path.Text("verb") ?? "", Path = path.Text("path") ?? "" };
        return new AccessRequest
        {
            User = user,
            Verb = resource.Text("verb") ?? "",
            Group = resource.Text("group") ?? "",
            Resource = resource.Text("resource") ?? "",
            Subresource = resource.Text("subresource") ?? "",
            Namespace = resource.Text("namespace") ?? "",
            Name = resource.Text("name") ?? "",
        };
    }

    private static ApiUser Subject(ApiRequest request, JsonObject spec)
    {
        var groups = spec.List("groups")?.Select(group => group!.GetValue<string>()).ToImmutableArray() ?? [];
        var name = spec.Text("user") ?? "";
        if (name.Length == 0 && groups.Length == 0)
            throw Invalid(request, FieldProblem.Invalid("spec.user", "\"\"", "at least one of user or group must be specified"));
        return new ApiUser(name, groups) { Uid = spec.Text("uid") };
    }

    /// <summary>Kubernetes leaves out the kind in these refusals.</summary>
    private static StatusException Invalid(ApiRequest request, FieldProblem problem) =>
        StatusException.Invalid(request.Resource with { Kind = "" }, "", [problem]);
}
