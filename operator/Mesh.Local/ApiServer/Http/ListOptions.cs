using System.Globalization;
using System.Text.Json.Nodes;

namespace Mesh.Local.ApiServer.Http;

/// <summary>What a list or a watch asks of the past: from which revision, how exactly, from which page on. Refused here when it makes no sense.</summary>
internal sealed record ListOptions(long? Revision, string Match, string Continue, long Limit)
{
    public static ListOptions OfList(ApiRequest request)
    {
        var (revision, match, next) = Texts(request);
        var problems = new List<FieldProblem>();
        if (match.Length > 0 && revision.Length == 0)
            problems.Add(Forbidden("resourceVersionMatch is forbidden unless resourceVersion is provided"));
        if (match.Length > 0 && next.Length > 0)
            problems.Add(Forbidden("resourceVersionMatch is forbidden when continue is provided"));
        if (match.Length > 0 && match is not ("Exact" or "NotOlderThan"))
            problems.Add(FieldProblem.NotSupported("resourceVersionMatch", FieldProblem.Quote(match), ["Exact", "NotOlderThan", ""]));
        if (match == "Exact" && revision == "0")
            problems.Add(Forbidden("resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""));
        if (request.Query("sendInitialEvents") is { Length: > 0 })
            problems.Add(FieldProblem.Forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"));
        Refuse(problems);
        var limit = request.QueryNumber("limit") ?? 0;
        var asked = Number(revision, problem => StatusException.BadRequest("invalid resource version: " + problem));
        if (next.Length > 0 && asked is > 0)
            throw StatusException.BadRequest("specifying resource version is not allowed when using continue");
        // A page of a given revision has always meant exactly that revision.
        if (match.Length == 0 && asked is > 0 && limit > 0)
            match = "Exact";
        return new ListOptions(asked, match, next, asked == 0 && match.Length == 0 ? 0 : limit);
    }

    public static ListOptions OfWatch(ApiRequest request)
    {
        var (revision, match, next) = Texts(request);
        var problems = new List<FieldProblem>();
        var initial = request.Query("sendInitialEvents") is { Length: > 0 };
        if (initial && match != "NotOlderThan")
            problems.Add(Forbidden("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
        if (match.Length > 0 && !initial)
            problems.Add(Forbidden("resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"));
        if (match.Length > 0 && match != "NotOlderThan")
            problems.Add(FieldProblem.NotSupported("resourceVersionMatch", FieldProblem.Quote(match), ["NotOlderThan"]));
        if (match.Length > 0 && next.Length > 0)
            problems.Add(Forbidden("resourceVersionMatch is forbidden when continue is provided"));
        Refuse(problems);
        return new ListOptions(OfGet(request), match, next, 0);
    }

    /// <summary>The revision a GET or a watch names; a text that is none is, unlike in a list, the server's error.</summary>
    public static long? OfGet(ApiRequest request) =>
        Number(Texts(request).Revision, problem => new StatusException(500, null, problem));

    private static (string Revision, string Match, string Continue) Texts(ApiRequest request) =>
        (request.Query("resourceVersion") ?? "", request.Query("resourceVersionMatch") ?? "", request.Query("continue") ?? "");

    private static long? Number(string text, Func<string, StatusException> refusal)
    {
        if (text.Length == 0)
            return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var revision)
            ? revision
            : throw refusal($"resourceVersion: Invalid value: {FieldProblem.Quote(text)}: strconv.ParseUint: parsing {FieldProblem.Quote(text)}: invalid syntax");
    }

    private static FieldProblem Forbidden(string detail) => FieldProblem.Forbidden("resourceVersionMatch", detail);

    private static void Refuse(List<FieldProblem> problems)
    {
        if (problems.Count == 0)
            return;
        var texts = problems.Select(problem => $"{problem.Field}: {problem.Message}").ToList();
        throw new StatusException(
            422, "Invalid", "ListOptions.meta.k8s.io \"\" is invalid: " + (texts.Count == 1 ? texts[0] : $"[{string.Join(", ", texts)}]"),
            new JsonObject
            {
                ["group"] = "meta.k8s.io",
                ["kind"] = "ListOptions",
                ["causes"] = new JsonArray([.. problems.Select(problem => (JsonNode)new JsonObject
                {
                    ["reason"] = problem.Reason,
                    ["message"] = problem.Message,
                    ["field"] = problem.Field,
                })]),
            });
    }
}
