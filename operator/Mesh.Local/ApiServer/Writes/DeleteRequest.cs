using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Schema;

namespace Mesh.Local.ApiServer.Writes;

/// <summary>DeleteOptions, from the body and the query (the body wins).</summary>
internal sealed record DeleteRequest
{
    private const string OptionsKind = "DeleteOptions";
    private static readonly string[] Policies = ["Foreground", "Background", "Orphan", "nil"];

    public long? GracePeriodSeconds { get; init; }

    public string? Uid { get; init; }

    public string? ResourceVersion { get; init; }

    /// <summary>Background, Foreground or Orphan; null: the kind's default.</summary>
    public string? Propagation { get; init; }

    public bool DryRun { get; init; }

    public static DeleteRequest Of(ApiRequest request, JsonObject? body)
    {
        body = Decoded(body);
        var propagation = body.Text("propagationPolicy") ?? request.Query("propagationPolicy");
        var orphan = body.At("orphanDependents") is { } flag ? flag.GetValueKind() == JsonValueKind.True : Flag(request.Query("orphanDependents"));
        if (propagation is not (null or "Background" or "Foreground" or "Orphan"))
            throw RequestOptions.Invalid(OptionsKind, FieldProblem.NotSupported("propagationPolicy", FieldProblem.Quote(propagation), Policies));
        if (propagation is not null && orphan is not null)
        {
            throw RequestOptions.Invalid(OptionsKind, FieldProblem.Invalid(
                "propagationPolicy", FieldProblem.Quote(propagation), "orphanDependents and deletionPropagation cannot be both set"));
        }

        return new DeleteRequest
        {
            GracePeriodSeconds = body.Integer("gracePeriodSeconds") ?? request.QueryNumber("gracePeriodSeconds"),
            Uid = body.Text("preconditions", "uid"),
            ResourceVersion = body.Text("preconditions", "resourceVersion"),
            Propagation = propagation ?? orphan switch
            {
                true => "Orphan",
                false => "Background",
                null => null,
            },
            DryRun = request.DryRun || (body.List("dryRun") is { Count: > 0 } asked && RequestOptions.DryRun(OptionsKind, asked.Select(item => item?.GetValue<string>()))),
        };
    }

    private static bool? Flag(string? text) => text switch { null or "" => null, "true" or "1" => true, _ => false };

    private static JsonObject? Decoded(JsonObject? body)
    {
        if (body is null)
            return null;
        var (apiVersion, kind) = (body.Text("apiVersion"), body.Text("kind"));
        if (kind is { Length: > 0 } && kind != OptionsKind)
            throw StatusException.BadRequest($"no kind \"{kind}\" is registered for version \"{apiVersion}\" in scheme \"pkg/apis/meta/internalversion/scheme/register.go:27\"");
        try
        {
            GoDecoding.Decode(body, BuiltInSchemas.DeleteOptions, []);
            return body;
        }
        catch (DecodingException problem)
        {
            throw StatusException.BadRequest(problem.Message);
        }
    }
}
