using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Access;
using Mesh.Local.ApiServer.Admission;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.Http;

/// <summary>Kinds that are questions: posted, answered, not kept. Whose token is this, who am I, may somebody do something.</summary>
internal sealed class ReviewHandler(Authenticator authenticator, Authorizer authorizer, TimeProvider time)
{
    public async Task AnswerAsync(ApiRequest request)
    {
        if (request.Context.Request.Method != "POST" || request.Name.Length > 0)
            throw StatusException.MethodNotAllowed();
        var review = await RequestBody.ReadObjectAsync(request);
        review["kind"] = request.Resource.Kind;
        review["apiVersion"] = request.ApiVersion;
        review.Section("metadata");
        switch (request.Resource.Kind)
        {
            case "TokenReview":
                review["status"] = Token(review);
                break;
            case "SelfSubjectReview":
                review.Section("metadata")["creationTimestamp"] = Timestamps.Seconds(time.GetUtcNow());
                review["status"] = new JsonObject { ["userInfo"] = AdmissionReviewDocument.User(request.User) };
                break;
            case "SelfSubjectRulesReview":
                review["status"] = Rules(request.User, review.Text("spec", "namespace") ?? "");
                // The answer is for the namespace asked about and does not repeat it.
                review["spec"] = new JsonObject();
                break;
            default:
                review["status"] = Access(AccessQuestion.Read(request, review));
                break;
        }

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

    private JsonObject Access(AccessRequest question)
    {
        var decision = authorizer.Decide(question);
        var status = new JsonObject { ["allowed"] = decision.Allowed };
        if (decision.Reason.Length > 0)
            status["reason"] = decision.Reason;
        return status;
    }

    private JsonObject Rules(ApiUser user, string ns)
    {
        if (ns.Length == 0)
            throw StatusException.BadRequest("no namespace on request");
        var rules = authorizer.Book.For(user, ns).SelectMany(given => given.Rules ?? []).ToList();
        return new JsonObject
        {
            ["resourceRules"] = new JsonArray([.. rules.Where(rule => rule.Resources.Length > 0).Select(rule => rule.ToJson())]),
            ["nonResourceRules"] = new JsonArray([.. rules.Where(rule => rule.Paths.Length > 0).Select(rule => rule.ToJson())]),
            ["incomplete"] = false,
        };
    }
}
