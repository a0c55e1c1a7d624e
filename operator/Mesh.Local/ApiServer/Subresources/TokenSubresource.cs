using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Certificates;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Storage;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.Subresources;

/// <summary>Issues a token for a ServiceAccount, for the audiences asked for, bound to a pod, a secret or a node if asked.</summary>
internal sealed class TokenSubresource(ObjectStore store, ReadHandler reads, ServiceAccountTokens tokens, TimeProvider time)
{
    private const long Shortest = 600;
    private const long Longest = 1L << 32;

    public async Task AnswerAsync(ApiRequest request)
    {
        var account = reads.Find(request);
        var body = await RequestBody.ReadOptionalAsync(request) ?? [];
        var seconds = body.Integer("spec", "expirationSeconds") ?? 3600;
        Check(request, seconds);
        var audiences = body.List("spec", "audiences")?.Select(one => one!.GetValue<string>()).ToList() is { Count: > 0 } given ? given : [ServiceAccountTokens.Issuer];
        var now = time.GetUtcNow();
        var claims = new JsonObject
        {
            ["aud"] = new JsonArray([.. audiences.Select(one => (JsonNode)one)]),
            ["exp"] = now.ToUnixTimeSeconds() + seconds,
            ["iat"] = now.ToUnixTimeSeconds(),
            ["iss"] = ServiceAccountTokens.Issuer,
            ["jti"] = Guid.NewGuid().ToString(),
            ["kubernetes.io"] = Binding(request, account, body.Map("spec", "boundObjectRef")),
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["sub"] = $"system:serviceaccount:{account.Namespace}:{account.Name}",
        };
        var spec = new JsonObject
        {
            ["audiences"] = claims["aud"]!.DeepClone(),
            ["expirationSeconds"] = seconds,
            ["boundObjectRef"] = body.At("spec", "boundObjectRef")?.DeepClone(),
        };
        await Answers.WriteAsync(request.Context, 201, new JsonObject
        {
            ["kind"] = "TokenRequest",
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["metadata"] = new JsonObject { ["name"] = account.Name, ["namespace"] = account.Namespace, ["uid"] = account.Uid, ["creationTimestamp"] = Timestamps.Seconds(now) },
            ["spec"] = spec,
            ["status"] = new JsonObject { ["token"] = tokens.Sign(claims), ["expirationTimestamp"] = Timestamps.Seconds(now.AddSeconds(seconds)) },
        });
    }

    private static void Check(ApiRequest request, long seconds)
    {
        var text = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var review = request.Resource with { Group = "authentication.k8s.io", Kind = "TokenRequest" };
        if (seconds < Shortest)
            throw StatusException.Invalid(review, "", [FieldProblem.Invalid("spec.expirationSeconds", text, "may not specify a duration less than 10 minutes")]);
        if (seconds > Longest)
            throw StatusException.Invalid(review, "", [FieldProblem.Invalid("spec.expirationSeconds", text, "may not specify a duration larger than 2^32 seconds")]);
    }

    private JsonObject Binding(ApiRequest request, StoredObject account, JsonObject? bound)
    {
        var claims = new JsonObject { ["namespace"] = account.Namespace };
        if (bound is not null)
        {
            var (kind, plural) = bound.Text("kind") switch
            {
                "Pod" => ("pod", "pods"),
                "Secret" => ("secret", "secrets"),
                "Node" => ("node", "nodes"),
                var other => throw StatusException.BadRequest($"cannot bind token to object of type {GroupVersion(bound)}, Kind={other}"),
            };
            var name = bound.Text("name") ?? "";
            var found = store.Find(plural, kind == "node" ? "" : account.Namespace, name)
                ?? throw StatusException.NotFound(request.Catalog.Find("", plural)!, name);
            if (bound.Text("uid") is { Length: > 0 } uid && uid != found.Uid)
            {
                throw StatusException.Conflict(request.Catalog.Find("", plural)! with { Plural = bound.Text("kind")! }, name,
                    $"the UID in the bound object reference ({uid}) does not match the UID in record. The object might have been deleted and then recreated");
            }

            if (kind == "pod" && (found.Json.Text("spec", "serviceAccountName") ?? "default") != account.Name)
                throw StatusException.BadRequest($"cannot bind token for serviceaccount \"{account.Name}\" to pod running with different serviceaccount name.");
            claims[kind] = new JsonObject { ["name"] = name, ["uid"] = found.Uid };
            if (kind == "pod" && found.Json.Text("spec", "nodeName") is { Length: > 0 } node)
            {
                var place = new JsonObject { ["name"] = node };
                if (store.Find("nodes", "", node) is { } host)
                    place["uid"] = host.Uid;
                claims["node"] = place;
            }
        }

        claims["serviceaccount"] = new JsonObject { ["name"] = account.Name, ["uid"] = account.Uid };
        return claims;
    }

    private static string GroupVersion(JsonObject bound) =>
        bound.Text("apiVersion") is { } version ? version.Contains('/', StringComparison.Ordinal) ? version : "/" + version : "/";
}
