using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Admission;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Http;

/// <summary>
/// Kinds that are questions: posted, answered, not kept. Whose token is this, who am I, may somebody do something. Roles are
/// not enforced here, so everybody who is known may do everything, and the answer says why.
/// </summary>
internal sealed class ReviewHandler(Authenticator authenticator)
{
    private const string Reason = "this server stores roles and does not enforce them";

    public async Task AnswerAsync(ApiRequest request)
    {
        if (request.Context.Request.Method != "POST" || request.Name.Length > 0)
            throw StatusException.MethodNotAllowed();
        var review = await RequestBody.ReadObjectAsync(request);
        review["kind"] = request.Resource.Kind;
        review["apiVersion"] = request.ApiVersion;
        review.Section("metadata");
        review["status"] = request.Resource.Kind switch
        {
            "TokenReview" => Token(review),
            "SelfSubjectReview" => new JsonObject { ["userInfo"] = AdmissionReviewDocument.User(request.User) },
            "SelfSubjectRulesReview" => Rules(),
            "SubjectAccessReview" or "LocalSubjectAccessReview" => Access(IsKnown(review)),
            _ => Access(true),
        };
        await Answers.WriteAsync(request.Context, 201, review);
    }

    private JsonObject Token(JsonObject review)
    {
        if (review.Text("spec", "token") is not { Length: > 0 } token)
            throw StatusException.BadRequest("token is required for TokenReview in authentication");
        var audiences = review.List("spec", "audiences")?.Select(one => one!.GetValue<string>()).ToList();
        var check = authenticator.FromToken(token, audiences);
        if (check.User is null)
            return new JsonObject { ["user"] = new JsonObject(), ["error"] = check.Problem };
        return new JsonObject
        {
            ["authenticated"] = true,
            ["user"] = AdmissionReviewDocument.User(check.User),
            ["audiences"] = new JsonArray([.. check.Audiences.Select(one => (JsonNode)one)]),
        };
    }

    private static bool IsKnown(JsonObject review) =>
        review.Text("spec", "user") is { Length: > 0 } and not "system:anonymous" || review.List("spec", "groups") is { Count: > 0 };

    private static JsonObject Access(bool allowed) => new() { ["allowed"] = allowed, ["reason"] = allowed ? Reason : "" };

    private static JsonObject Rules() => new()
    {
        ["resourceRules"] = new JsonArray(new JsonObject
        {
            ["verbs"] = new JsonArray("*"),
            ["apiGroups"] = new JsonArray("*"),
            ["resources"] = new JsonArray("*"),
        }),
        ["nonResourceRules"] = new JsonArray(new JsonObject { ["verbs"] = new JsonArray("*"), ["nonResourceURLs"] = new JsonArray("*") }),
        ["incomplete"] = false,
    };
}
