using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Cel;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Admission;

/// <summary>A webhook's matchConditions: all must be true for it to be called.</summary>
internal static class MatchConditions
{
    public static string? Problem(string expression)
    {
        try
        {
            Compile(expression);
            return null;
        }
        catch (CelException problem)
        {
            return problem.Message;
        }
    }

    /// <summary>A condition that is false decides alone; one that fails counts as the webhook's failurePolicy says.</summary>
    public static bool Hold(AdmissionWebhook hook, JsonObject request, AdmissionCall call)
    {
        if (hook.Conditions.Length == 0)
            return true;
        var asked = request.ToElement();
        (string, object?)[] variables =
        [
            ("request", asked),
            ("object", CelValue.FromJson(asked.At("object"))),
            ("oldObject", CelValue.FromJson(asked.At("oldObject"))),
        ];
        StatusException? failed = null;
        foreach (var (_, expression) in hook.Conditions)
        {
            try
            {
                if (!Compile(expression).IsTrue(variables))
                    return false;
            }
            catch (CelException problem)
            {
                failed ??= StatusException.Forbidden(call.Write.Resource, call.Write.Name, $"expression '{expression}' resulted in error: {problem.Message}");
            }
        }

        return failed is null || (hook.IgnoresFailure ? false : throw failed);
    }

    private static CelExpression Compile(string expression) => CelExpression.Compile(expression, "request", "object", "oldObject");
}
