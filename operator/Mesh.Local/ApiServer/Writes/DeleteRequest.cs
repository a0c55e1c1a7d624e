using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Writes;

/// <summary>DeleteOptions, from the body and the query (the body wins).</summary>
internal sealed record DeleteRequest
{
    public long? GracePeriodSeconds { get; init; }

    public string? Uid { get; init; }

    public string? ResourceVersion { get; init; }

    /// <summary>Background, Foreground or Orphan; null: the kind's default.</summary>
    public string? Propagation { get; init; }

    public bool DryRun { get; init; }

    public static DeleteRequest Of(ApiRequest request, JsonObject? body)
    {
        var propagation = body.Text("propagationPolicy") ?? request.Query("propagationPolicy");
        if (propagation is not (null or "" or "Background" or "Foreground" or "Orphan"))
        {
            throw new StatusException(422, "Invalid",
                $"DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Unsupported value: \"{propagation}\": supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\"");
        }

        var orphan = body.At("orphanDependents") is JsonValue flag ? flag.GetValue<bool>() : (bool?)null;
        return new DeleteRequest
        {
            GracePeriodSeconds = body.Integer("gracePeriodSeconds") ?? request.QueryNumber("gracePeriodSeconds"),
            Uid = body.Text("preconditions", "uid"),
            ResourceVersion = body.Text("preconditions", "resourceVersion"),
            Propagation = propagation is { Length: > 0 } ? propagation : orphan switch
            {
                true => "Orphan",
                false => "Background",
                null => null,
            },
            DryRun = request.DryRun || ApiRequest.DryRunOf(body.List("dryRun")?.Select(item => item?.GetValue<string>()) ?? []),
        };
    }
}
