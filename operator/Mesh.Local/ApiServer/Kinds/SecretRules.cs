using System.Text;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Storage;

namespace Mesh.Local.ApiServer.Kinds;

/// <summary>ConfigMaps and Secrets: stringData becomes data, and what is immutable stays so.</summary>
internal sealed class SecretRules(bool secret) : KindRules
{
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

    public override void Validate(List<FieldProblem> problems, JsonObject item, StoredObject? before)
    {
        foreach (var list in (string[])["data", "binaryData"])
        {
            foreach (var (key, _) in item[list] as JsonObject ?? [])
            {
                if (key.Length is 0 or > 253 || key is "." or ".." || key.Any(letter => !char.IsAsciiLetterOrDigit(letter) && !"-_.".Contains(letter, StringComparison.Ordinal)))
                {
                    problems.Add(FieldProblem.Invalid($"{list}[{key}]", FieldProblem.Quote(key),
                        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"));
                }
            }
        }

        if (before is null)
            return;
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
