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
    private const string Extra = "authentication.kubernetes.io/";

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
        var read = tokens.Read(token, time.GetUtcNow());
        if (read.Claims is not { } claims || claims.At("kubernetes.io") is not { } binding)
            return TokenCheck.Bad(read.Problem);
        var wanted = audiences is { Count: > 0 } ? audiences : [ServiceAccountTokens.Issuer];
        var given = claims.Items("aud").Select(one => one.GetString()!).ToList();
        var matched = wanted.Where(given.Contains).ToImmutableArray();
        if (matched.Length == 0)
            return TokenCheck.Bad($"token audiences {Quoted(given)} is invalid for the target audiences {Quoted(wanted)}");
        var ns = binding.Text("namespace") ?? "";
        var account = store.Find("serviceaccounts", ns, binding.Text("serviceaccount", "name") ?? "");
        if (account is null || account.Uid != binding.Text("serviceaccount", "uid") || BoundObjectIsGone(binding, ns))
            return TokenCheck.Bad("service account token has been invalidated");
        return new TokenCheck(UserOf(claims, binding, account), matched, null);
    }

    private bool BoundObjectIsGone(JsonElement binding, string ns)
    {
        foreach (var (claim, plural, place) in (ReadOnlySpan<(string, string, string)>)[("pod", "pods", ns), ("secret", "secrets", ns), ("node", "nodes", "")])
        {
            // The node of a pod is told along; only a token that has its uid is bound to it.
            if (binding.Text(claim, "uid") is { } uid && store.Find(plural, place, binding.Text(claim, "name") ?? "")?.Uid != uid)
                return true;
        }

        return false;
    }

    private static ApiUser UserOf(JsonElement claims, JsonElement binding, StoredObject account)
    {
        var extra = ImmutableDictionary.CreateBuilder<string, ImmutableArray<string>>();
        if (claims.Text("jti") is { } id)
            extra[Extra + "credential-id"] = ["JTI=" + id];
        foreach (var claim in (ReadOnlySpan<string>)["node", "pod"])
        {
            if (binding.Text(claim, "name") is { } name)
                extra[$"{Extra}{claim}-name"] = [name];
            if (binding.Text(claim, "uid") is { } uid)
                extra[$"{Extra}{claim}-uid"] = [uid];
        }

        return ApiUser.ServiceAccount(account.Namespace, account.Name) with { Uid = account.Uid, Extra = extra.ToImmutable() };
    }

    private static string Quoted(IEnumerable<string> values) => "[" + string.Join(' ', values.Select(FieldProblem.Quote)) + "]";
}
