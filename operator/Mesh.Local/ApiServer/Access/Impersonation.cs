using System.Collections.Immutable;
using System.Net;
using Mesh.Local.ApiServer.Http;
using Microsoft.AspNetCore.Http;

namespace Mesh.Local.ApiServer.Access;

/// <summary>
/// "kubectl --as": a request in somebody else's name, for those who may. Either the right to impersonate that user for
/// everything (verb impersonate), or the narrower one of newer clusters: to impersonate him (impersonate:user-info) on just
/// this (impersonate-on:user-info:get pods).
/// </summary>
internal sealed class Impersonation(Authorizer authorizer)
{
    private const string UserHeader = "Impersonate-User";
    private const string UidHeader = "Impersonate-Uid";
    private const string GroupHeader = "Impersonate-Group";
    private const string ExtraHeader = "Impersonate-Extra-";
    private const string Authentication = "authentication.k8s.io";

    public ApiUser Apply(HttpContext context, ApiUser user)
    {
        if (!context.Request.Headers.Keys.Any(name => name.StartsWith("Impersonate-", StringComparison.OrdinalIgnoreCase)))
            return user;
        if (Wanted(context.Request.Headers) is not { } wanted)
            throw new StatusException(500, "InternalError", "Internal error occurred: requested impersonation without impersonating a user");
        Check(context, user, wanted);
        return Completed(wanted);
    }

    private static ApiUser? Wanted(IHeaderDictionary headers)
    {
        if (headers[UserHeader].ToString() is not { Length: > 0 } name)
            return null;
        var extra = headers.Where(header => header.Key.StartsWith(ExtraHeader, StringComparison.OrdinalIgnoreCase)).ToImmutableDictionary(
            header => WebUtility.UrlDecode(header.Key[ExtraHeader.Length..].ToLowerInvariant()),
            header => header.Value.Select(value => value ?? "").ToImmutableArray());
        return new ApiUser(name, [.. headers[GroupHeader].Select(group => group ?? "")])
        {
            Uid = headers[UidHeader].ToString() is { Length: > 0 } uid ? uid : null,
            Extra = extra,
        };
    }

    private void Check(HttpContext context, ApiUser user, ApiUser wanted)
    {
        if (Rights(user, wanted, "impersonate", constrained: false).All(right => authorizer.Decide(right).Allowed))
            return;
        var mode = wanted.Name.StartsWith("system:serviceaccount:", StringComparison.Ordinal) ? "serviceaccount"
            : wanted.Name.StartsWith("system:node:", StringComparison.Ordinal) ? "arbitrary-node" : "user-info";
        var target = AccessRequest.Of(context, user);
        authorizer.Demand(target with { Verb = $"impersonate-on:{mode}:{target.Verb}" });
        foreach (var right in Rights(user, wanted, "impersonate:" + mode, constrained: true))
            authorizer.Demand(right);
    }

    private static IEnumerable<AccessRequest> Rights(ApiUser user, ApiUser wanted, string verb, bool constrained)
    {
        var group = constrained ? Authentication : "";
        if (wanted.Account is var (ns, account))
            yield return new AccessRequest { User = user, Verb = verb, Group = group, Resource = "serviceaccounts", Namespace = ns, Name = account };
        else
            yield return new AccessRequest { User = user, Verb = verb, Group = group, Resource = "users", Name = wanted.Name };
        foreach (var member in wanted.Groups)
            yield return new AccessRequest { User = user, Verb = verb, Group = group, Resource = "groups", Name = member };
        if (wanted.Uid is not null)
            yield return new AccessRequest { User = user, Verb = verb, Group = Authentication, Resource = "uids", Name = wanted.Uid };
        foreach (var (key, value) in wanted.Extra.SelectMany(pair => pair.Value.Select(value => (pair.Key, value))))
            yield return new AccessRequest { User = user, Verb = verb, Group = Authentication, Resource = "userextras", Subresource = key, Name = value };
    }

    /// <summary>The groups everybody is in without being told.</summary>
    private static ApiUser Completed(ApiUser wanted)
    {
        if (wanted.Name == ApiUser.Anonymous.Name)
            return wanted with { Groups = wanted.Groups.Add("system:unauthenticated") };
        if (wanted.Groups.Length == 0 && wanted.Account is var (ns, account))
            wanted = wanted with { Groups = ApiUser.ServiceAccount(ns, account).Groups };
        return wanted.Groups.Contains("system:authenticated") ? wanted : wanted with { Groups = wanted.Groups.Add("system:authenticated") };
    }
}
