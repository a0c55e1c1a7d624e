using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Writes;

/// <summary>References to owners: complete, and only one of them the controller.</summary>
internal static class OwnerCheck
{
    private const string Path = "metadata.ownerReferences";

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Add(List<FieldProblem> problems, JsonArray? references)
    {
        string? controller = null;
        foreach (var reference in references ?? [])
        {
            foreach (var (field, rule) in (ReadOnlySpan<(string, string)>)
                [("apiVersion", "version must not be empty"), ("kind", "must not be empty"), ("name", "must not be empty"), ("uid", "must not be empty")])
            {
                if (reference.Text(field) is not { Length: > 0 })
                    problems.Add(FieldProblem.Invalid($"{Path}.{field}", "\"\"", rule));
            }

            if (!reference.Flag("controller"))
                continue;
            var named = $"{reference.Text("kind")}/{reference.Text("name")}";
            if (controller is not null)
            {
                problems.Add(FieldProblem.Invalid(Path, references!.ToJsonString(Relaxed),
                    $"Only one reference can have Controller set to true. Found \"true\" in references for {controller} and {named}"));
            }

            controller ??= named;
        }
    }
}
