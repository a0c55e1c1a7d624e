using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Storage;
using Microsoft.AspNetCore.Http;

namespace Mesh.Local.ApiServer.Access;

/// <summary>
/// What enters: who wants to do what. What leaves: whether the Roles and bindings that are stored at this moment allow it.
/// What never happens here: a look at the object itself; that something does not exist is only told to who may ask for it.
/// The group system:masters may do everything, as on a cluster, so that nobody can lock himself out.
/// </summary>
internal sealed class Authorizer(ObjectStore store)
{
    public const string Group = "rbac.authorization.k8s.io";
    private const string Masters = "system:masters";
    private RoleBook? compiled;

    /// <summary>Compiled anew after a role or binding was written; two that do so at once compile the same.</summary>
    public RoleBook Book
    {
        get
        {
            var sources = new RoleSources(State("clusterroles"), State("roles"), State("clusterrolebindings"), State("rolebindings"));
            var book = compiled;
            if (book is null || !book.IsOf(sources))
                compiled = book = new RoleBook(sources);
            return book;
        }
    }

    public AccessDecision Decide(AccessRequest request)
    {
        if (IsMaster(request.User))
            return new AccessDecision(true, "");
        var missing = new List<string>();
        foreach (var (binding, given, rules) in Book.For(request.User, request.Namespace))
        {
            if (rules is null)
                missing.Add($"{binding.RoleKind.ToLowerInvariant()}.{Group} \"{binding.RoleName}\" not found");
            else if (rules.Value.Any(rule => rule.Allows(request)))
                return new AccessDecision(true, "RBAC: allowed by " + given);
        }

        return new AccessDecision(false, missing.Count switch
        {
            0 => "",
            1 => "RBAC: " + missing[0],
            _ => $"RBAC: [{string.Join(", ", missing)}]",
        });
    }

    /// <summary>
    /// A request as a whole. Streams into a pod begin with a GET when they come over a WebSocket, yet change things: they need
    /// the right to create as well.
    /// </summary>
    public void Demand(HttpContext context, ApiUser user)
    {
        var request = AccessRequest.Of(context, user);
        Demand(request);
        if (request is { Verb: "get", Group: "", Resource: "pods", Subresource: "exec" or "attach" or "portforward" })
            Demand(request with { Verb = "create" });
    }

    public void Demand(AccessRequest request)
    {
        var decision = Decide(request);
        if (!decision.Allowed)
            throw Refusal(request, decision.Reason);
    }

    public static bool IsMaster(ApiUser user) => user.Groups.Contains(Masters);

    private ObjectState State(string plural) => store.Collection($"{plural}.{Group}").State;

    private static StatusException Refusal(AccessRequest request, string reason)
    {
        var tail = reason.Length == 0 ? "" : ": " + reason;
        if (request.Path is not null)
            return new StatusException(403, "Forbidden", $"forbidden: User \"{request.User.Name}\" cannot {request.Verb} path \"{request.Path}\"{tail}", []);
        var place = request.Namespace.Length == 0 ? "at the cluster scope" : $"in the namespace \"{request.Namespace}\"";
        var subject = request.Group.Length == 0 ? request.Resource : request.Resource + "." + request.Group;
        var details = new System.Text.Json.Nodes.JsonObject { ["kind"] = request.Resource };
        if (request.Group.Length > 0)
            details["group"] = request.Group;
        if (request.Name.Length > 0)
        {
            details["name"] = request.Name;
            subject += $" \"{request.Name}\"";
        }

        return new StatusException(
            403, "Forbidden",
            $"{subject} is forbidden: User \"{request.User.Name}\" cannot {request.Verb} resource \"{request.FullResource}\" in API group \"{request.Group}\" {place}{tail}",
            details);
    }
}
