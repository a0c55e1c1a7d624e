using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Resources;

namespace Mesh.Local.ApiServer.Http;

/// <summary>
/// A refusal in Kubernetes' shape (Status). Thrown wherever a request turns out to be impossible, written at one place.
/// Messages are those of Kubernetes, because clients and people know them.
/// </summary>
internal sealed class StatusException(int code, string? reason, string message, JsonObject? details = null, int? retryAfter = null, string? next = null)
    : Exception(message)
{
    public int Code { get; } = code;

    public JsonObject ToStatus()
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = next is null ? [] : new JsonObject { ["continue"] = next },
            ["status"] = "Failure",
            ["message"] = Message,
        };
        if (reason is not null)
            status["reason"] = reason;
        if (details is not null)
            status["details"] = details.DeepClone();
        status["code"] = Code;
        return status;
    }

    public int? RetryAfter { get; } = retryAfter;

    public static StatusException BadRequest(string message) => new(400, "BadRequest", message);

    public static StatusException NotFound(ApiResource resource, string name) => new(
        404, "NotFound", $"{resource.GroupResource} \"{name}\" not found", Details(resource, name));

    public static StatusException NoSuchResource() => new(
        404, "NotFound", "the server could not find the requested resource", []);

    public static StatusException MethodNotAllowed() => new(
        405, "MethodNotAllowed", "the server does not allow this method on the requested resource", []);

    public static StatusException AlreadyExists(ApiResource resource, string name, string why = "") => new(
        409, "AlreadyExists", $"{why}{resource.GroupResource} \"{name}\" already exists", Details(resource, name));

    public static StatusException Conflict(ApiResource resource, string name, string problem) => new(
        409, "Conflict", $"Operation cannot be fulfilled on {resource.GroupResource} \"{name}\": {problem}", Details(resource, name));

    public static StatusException Modified(ApiResource resource, string name) => Conflict(
        resource, name, "the object has been modified; please apply your changes to the latest version and try again");

    public static StatusException Forbidden(ApiResource resource, string name, string problem) => new(
        403, "Forbidden", $"{resource.GroupResource} \"{name}\" is forbidden: {problem}", Details(resource, name));

    public static StatusException Unauthorized() => new(401, "Unauthorized", "Unauthorized");

    public static StatusException Internal(string message) => new(
        500, "InternalError", "Internal error occurred: " + message,
        new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["message"] = message }) });

    /// <param name="next">A token by which an expired list may go on, inconsistently.</param>
    public static StatusException Expired(string message, string? next = null) => new(410, "Expired", message, next: next);

    public static StatusException UnsupportedMediaType(string message) => new(415, "UnsupportedMediaType", message);

    /// <summary>The answer of built-in kinds to a patch of an unknown type.</summary>
    public static StatusException UnsupportedPatch() => new(415, "UnsupportedMediaType", "415: Unsupported Media Type", []);

    /// <summary>422 with one cause a field.</summary>
    public static StatusException Invalid(ApiResource resource, string name, IReadOnlyList<FieldProblem> problems) =>
        Invalid(resource.Group, resource.Kind, name, problems);

    public static StatusException Invalid(string group, string kind, string name, IReadOnlyList<FieldProblem> problems)
    {
        var causes = new JsonArray();
        foreach (var problem in problems)
            causes.Add(new JsonObject { ["reason"] = problem.Reason, ["message"] = problem.Message, ["field"] = problem.Field });
        var texts = problems.Select(problem => $"{problem.Field}: {problem.Message}").Distinct().ToList();
        var text = texts.Count == 1 ? texts[0] : "[" + string.Join(", ", texts) + "]";
        var details = new JsonObject();
        foreach (var (field, value) in (ReadOnlySpan<(string, string)>)[("name", name), ("group", group), ("kind", kind)])
        {
            if (value.Length > 0)
                details[field] = value;
        }

        details["causes"] = causes;
        return new StatusException(422, "Invalid", $"{(group.Length > 0 ? kind + "." + group : kind)} \"{name}\" is invalid: {text}", details);
    }

    public static JsonObject Details(ApiResource resource, string name)
    {
        var details = new JsonObject { ["name"] = name };
        if (resource.Group.Length > 0)
            details["group"] = resource.Group;
        details["kind"] = resource.Plural;
        return details;
    }
}
