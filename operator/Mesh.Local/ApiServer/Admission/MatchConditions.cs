using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;

namespace Mesh.Local.ApiServer.Admission;

/// <summary>A webhook's matchConditions: all must be true for it to be called.</summary>
internal static class MatchConditions
{
    public static bool Hold(AdmissionWebhook hook, JsonObject request, AdmissionCall call)
    {
        if (hook.Conditions.Length == 0)
            return true;
        throw StatusException.Forbidden(call.Write.Resource, call.Write.Name, "matchConditions are not evaluated by this server");
    }
}
