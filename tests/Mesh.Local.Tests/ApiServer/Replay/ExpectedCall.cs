using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Mesh.Local.Tests.ApiServer.Replay;

/// <summary>One call of a webhook as recorded: what it is to be sent, and what it answers.</summary>
internal sealed class ExpectedCall(JsonObject recorded, bool answered)
{
    private readonly TaskCompletionSource written = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Name => recorded["webhookCall"]!.GetValue<string>();

    public JsonObject Answer => recorded["answer"]!.AsObject();

    public bool Answered { get; } = answered;

    public bool Made { get; set; }

    /// <summary>It came while the one before was not answered yet.</summary>
    public bool Waited { get; set; }

    public Task Written => written.Task;

    public void Done() => written.TrySetResult();

    public IEnumerable<(string Field, string Text)> Differences(HttpRequest request, JsonNode body, Placeholders placeholders)
    {
        var expected = recorded["request"]!;
        var found = new List<(string, string)>();
        Text("method", expected["method"]!, request.Method);
        Text("path", expected["path"]!, request.Path + request.QueryString);
        foreach (var (name, value) in expected["headers"]!.AsObject())
            Text("header " + name, value!, request.Headers[name].ToString());
        Trim(body);
        found.AddRange(JsonComparison.Differences(expected["body"], body, placeholders));
        return found;

        void Text(string field, JsonNode wanted, string given)
        {
            if (wanted.GetValue<string>() != given)
                found.Add((field, $"\"{given}\", recorded \"{wanted}\""));
        }
    }

    /// <summary>What was taken out of the recording.</summary>
    private static void Trim(JsonNode review)
    {
        JsonComparison.RemoveManagedFields(review);
        if (review["request"]?["userInfo"] is not JsonObject user)
            return;
        user.Remove("uid");
        user.Remove("extra");
    }
}
