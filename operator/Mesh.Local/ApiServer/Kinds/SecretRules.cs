using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Storage;

namespace Mesh.Local.ApiServer.Kinds;

/// <summary>ConfigMaps and Secrets: stringData becomes data, a Secret's type says what it must hold, and what is immutable stays so.</summary>
internal sealed class SecretRules(bool secret) : KindRules
{
    private const string Tls = "kubernetes.io/tls";
    private const string AccountName = "kubernetes.io/service-account.name";
    private const int Largest = 1024 * 1024;

    public override void Default(JsonObject item)
    {
        if (!secret)
            return;
        item.Default("type", "Opaque");
        if (item["stringData"] is not JsonObject plain)
            return;
        foreach (var (key, value) in plain)
            item.Section("data")[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(value?.GetValue<string>() ?? ""));
        item.Remove("stringData");
    }

    public override IEnumerable<string> Warnings(JsonObject item)
    {
        if (!secret || item.Text("type") != Tls || Text(item, "tls.crt") is not { } certificate || Text(item, "tls.key") is not { } key)
            return [];
        if (!certificate.Contains("-----BEGIN", StringComparison.Ordinal))
            return ["tls: failed to find any PEM data in certificate input"];
        if (!key.Contains("-----BEGIN", StringComparison.Ordinal))
            return ["tls: failed to find any PEM data in key input"];
        try
        {
            X509Certificate2.CreateFromPem(certificate, key).Dispose();
            return [];
        }
        catch (CryptographicException)
        {
            return ["tls: private key does not match public key"];
        }
        catch (ArgumentException)
        {
            return ["tls: private key does not match public key"];
        }
    }

    public override void Validate(List<FieldProblem> problems, JsonObject item, StoredObject? before)
    {
        Keys(problems, item);
        if (secret)
            Typed(problems, item);
        if (before is not null)
            Unchanged(problems, item, before);
    }

    private static void Keys(List<FieldProblem> problems, JsonObject item)
    {
        var size = 0;
        foreach (var list in (string[])["data", "binaryData"])
        {
            foreach (var (key, value) in item[list] as JsonObject ?? [])
            {
                if (key.Length is 0 or > 253 || key is "." or ".." || key.Any(letter => !char.IsAsciiLetterOrDigit(letter) && !"-_.".Contains(letter, StringComparison.Ordinal)))
                {
                    problems.Add(FieldProblem.Invalid($"{list}[{key}]", FieldProblem.Quote(key),
                        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"));
                }

                if (list == "data" && item.At("binaryData", key) is not null)
                    problems.Add(FieldProblem.Invalid($"data[{key}]", FieldProblem.Quote(key), "duplicate of key present in binaryData"));
                size += value is JsonValue text && text.TryGetValue<string>(out var held) ? Encoding.UTF8.GetByteCount(held) : 0;
            }
        }

        if (size > Largest * 4 / 3)
            problems.Add(FieldProblem.TooLong("data", Largest));
    }

    private static void Typed(List<FieldProblem> problems, JsonObject item)
    {
        switch (item.Text("type"))
        {
            case Tls:
                Need(problems, item, "tls.crt", "tls.key");
                break;
            case "kubernetes.io/dockercfg":
                Json(problems, item, ".dockercfg");
                break;
            case "kubernetes.io/dockerconfigjson":
                Json(problems, item, ".dockerconfigjson");
                break;
            case "kubernetes.io/ssh-auth":
                Need(problems, item, "ssh-privatekey");
                break;
            case "kubernetes.io/basic-auth" when item.At("data", "username") is null && item.At("data", "password") is null:
                Need(problems, item, "username", "password");
                break;
            case "kubernetes.io/service-account-token" when item.Text("metadata", "annotations", AccountName) is not { Length: > 0 }:
                problems.Add(FieldProblem.Required($"metadata.annotations[{AccountName}]"));
                break;
        }
    }

    private static void Need(List<FieldProblem> problems, JsonObject item, params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            if (item.At("data", key) is null)
                problems.Add(FieldProblem.Required($"data[{key}]"));
        }
    }

    private static void Json(List<FieldProblem> problems, JsonObject item, string key)
    {
        if (item.At("data", key) is not JsonValue value)
            problems.Add(FieldProblem.Required($"data[{key}]"));
        else if (GoJson.Problem(Convert.FromBase64String(value.GetValue<string>())) is { } problem)
            problems.Add(FieldProblem.Invalid($"data[{key}]", "\"<secret contents redacted>\"", problem));
    }

    private static string? Text(JsonObject item, string key) =>
        item.Text("data", key) is { } held ? Encoding.UTF8.GetString(Convert.FromBase64String(held)) : null;

    private void Unchanged(List<FieldProblem> problems, JsonObject item, StoredObject before)
    {
        var old = before.Edit();
        if (secret && item.Text("type") != old.Text("type"))
            problems.Add(FieldProblem.Invalid("type", FieldProblem.Quote(item.Text("type") ?? ""), "field is immutable"));
        if (!old.Flag("immutable"))
            return;
        if (!item.Flag("immutable"))
            problems.Add(FieldProblem.Forbidden("immutable", "field is immutable when `immutable` is set"));
        foreach (var list in (string[])["data", "binaryData"])
        {
            if (!JsonNode.DeepEquals(item[list], old[list]))
                problems.Add(FieldProblem.Forbidden(list, "field is immutable when `immutable` is set"));
        }
    }
}
