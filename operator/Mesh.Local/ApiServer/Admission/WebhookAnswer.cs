using System.Text.Json;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Admission;

/// <summary>Reads what a webhook answered: a review with a response for the uid that was asked.</summary>
internal static class WebhookAnswer
{
    private const string Unversioned = "failed to call webhook: couldn't get version/kind; json parse error: ";

    public static JsonElement Read(byte[] bytes, string uid)
    {
        JsonElement review;
        try
        {
            review = JsonAccess.ParseElement(bytes);
        }
        catch (JsonException problem)
        {
            throw new WebhookFailure(Unversioned + problem.Message);
        }

        if (review.ValueKind != JsonValueKind.Object)
        {
            throw new WebhookFailure(
                $"{Unversioned}json: cannot unmarshal {Kind(review)} into Go value of type struct {{ APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }}");
        }

        if (review.At("response") is not { } response)
            throw new WebhookFailure("received invalid webhook response: webhook response was absent");
        if (response.Text("uid") != uid)
            throw new WebhookFailure($"received invalid webhook response: expected response.uid=\"{uid}\", got \"{response.Text("uid")}\"");
        return response;
    }

    private static string Kind(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => "bool",
        var kind => kind.ToString().ToLowerInvariant(),
    };
}
