using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Schema.Cel;

namespace Mesh.Local.ApiServer.Admission;

/// <summary>A webhook's matchConditions: all must be true for it to be called.</summary>
internal static class MatchConditions
{
    public static string? Problem(string expression) => CelCheck.Problem(expression, "request", "object", "oldObject");

    /// <summary>A condition that is false decides alone; one that fails counts as the webhook's failurePolicy says.</summary>
    public static bool Hold(AdmissionWebhook hook, JsonObject request, AdmissionCall call)
    {
        if (hook.Conditions.Length == 0)
            return true;
        var asked = request.ToElement();
        var variables = new Dictionary<string, object?>
        {
            ["request"] = CelValues.From(asked, null),
            ["object"] = asked.At("object") is { } now ? CelValues.From(now, null) : null,
            ["oldObject"] = asked.At("oldObject") is { } old ? CelValues.From(old, null) : null,
        };
        StatusException? failed = null;
        foreach (var (_, expression) in hook.Conditions)
        {
            try
            {
                if (CelEvaluation.Of(CelParser.Parse(expression), variables) is not true)
                    return false;
            }
            catch (CelError problem)
            {
                failed ??= StatusException.Forbidden(call.Write.Resource, call.Name, $"expression '{expression}' resulted in error: {problem.Message}");
            }
        }

        return failed is null || (hook.IgnoresFailure ? false : throw failed);
    }
}
