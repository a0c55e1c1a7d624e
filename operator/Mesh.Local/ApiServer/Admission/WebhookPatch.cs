using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Patching;

namespace Mesh.Local.ApiServer.Admission;

/// <summary>The change a mutating webhook answers with: a JSON patch in base64.</summary>
internal static class WebhookPatch
{
    /// <exception cref="WebhookFailure">It is no patch; whether that counts, the failurePolicy says.</exception>
    /// <exception cref="StatusException">It is one and does not fit the object, which always counts.</exception>
    public static JsonObject Apply(AdmissionCall call, string? patchType, string encoded)
    {
        if (patchType is null)
            throw new WebhookFailure("received invalid webhook response: webhook returned response.patch but not response.patchType");
        var changed = JsonPatch.Apply((JsonObject)call.Object!.DeepClone(), Operations(encoded), problem => StatusException.Internal(problem));
        changed["apiVersion"] = call.Write.ApiVersion;
        return changed;
    }

    private static JsonArray Operations(string encoded)
    {
        const string undecodable = "received undecodable patch in webhook response: ";
        try
        {
            var patch = JsonText.Parse(Convert.FromBase64String(encoded), []);
            return patch as JsonArray
                ?? throw new WebhookFailure($"{undecodable}json: cannot unmarshal {Kind(patch)} into Go value of type jsonpatch.Patch");
        }
        catch (Exception problem) when (problem is FormatException or JsonException)
        {
            throw new WebhookFailure(undecodable + problem.Message);
        }
    }

    private static string Kind(JsonNode? node) => node?.GetValueKind() switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.String => "string",
        JsonValueKind.True or JsonValueKind.False => "bool",
        JsonValueKind.Number => "number",
        _ => "null",
    };
}
