using System.Collections.Immutable;
using System.Text.Json;
using Mesh.Local.ApiServer.Certificates;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Storage;
using Microsoft.AspNetCore.Http;

namespace Mesh.Local.ApiServer.Http;

/// <summary>
/// Says whom a request comes from: a client certificate of our authority, or a ServiceAccount's token, or nobody. A token
/// that is presented and is not good refuses the request even where nobody would be let in.
/// </summary>
internal sealed class Authenticator(
    ServerCertificates certificates, ServiceAccountTokens tokens, ObjectStore store, TimeProvider time)
{
    public ApiUser Identify(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            return FromToken(header[7..].Trim(), null).User ?? throw StatusException.Unauthorized();
        if (context.Connection.ClientCertificate is { } certificate)
            return certificates.Recognise(certificate) ?? throw StatusException.Unauthorized();
        return ApiUser.Anonymous;
    }

    /// <summary>
    /// The user of a token, or why it is not good. Audiences: those asked for; null means this server's own.
    /// </summary>
    public TokenCheck FromToken(string token, IReadOnlyList<string>? audiences)
    {
        if (tokens.Read(token, time.GetUtcNow()) is not { } claims)
            return TokenCheck.Bad("invalid bearer token");
        var bound = claims.At("kubernetes.io");
        if (bound is not { } binding)
            return TokenCheck.Bad("invalid bearer token");
        var wanted = audiences is { Count: > 0 } ? audiences : [ServiceAccountTokens.Issuer];
        var matched = wanted.Where(wantedOne => claims.Items("aud").Any(have => have.GetString() == wantedOne)).ToImmutableArray();
        if (matched.Length == 0)
            return TokenCheck.Bad("token audiences do not match");
        var ns = binding.Text("namespace") ?? "";
        var name = binding.Text("serviceaccount", "name") ?? "";
        var account = store.Find("serviceaccounts", ns, name);
        if (account is null || account.Uid != binding.Text("serviceaccount", "uid"))
            return TokenCheck.Bad("service account has been deleted");
        if (binding.At("pod") is { } pod)
        {
            var found = store.Find("pods", ns, pod.Text("name") ?? "");
            if (found is null || found.Uid != pod.Text("uid"))
                return TokenCheck.Bad("pod has been deleted");
        }

        return new TokenCheck(UserOf(claims, binding, account), matched, null);
    }

    private static ApiUser UserOf(JsonElement claims, JsonElement binding, StoredObject account)
    {
        var extra = ImmutableDictionary.CreateBuilder<string, string>();
        if (claims.Text("jti") is { } id)
            extra["authentication.kubernetes.io/credential-id"] = "JTI=" + id;
        if (binding.Text("pod", "name") is { } pod)
        {
            extra["authentication.kubernetes.io/pod-name"] = pod;
            extra["authentication.kubernetes.io/pod-uid"] = binding.Text("pod", "uid") ?? "";
        }

        if (binding.Text("node", "name") is { } node)
            extra["authentication.kubernetes.io/node-name"] = node;
        return new ApiUser(
            $"system:serviceaccount:{account.Namespace}:{account.Name}",
            ["system:serviceaccounts", "system:serviceaccounts:" + account.Namespace, "system:authenticated"])
        {
            Uid = account.Uid,
            Extra = extra.ToImmutable(),
        };
    }
}
